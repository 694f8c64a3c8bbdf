"""Promotions of a baked image to another account, and their revocations: with a copy, and cancelled on their way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from apps.cloud.aws import ec2
from apps.images import services
from apps.images.models import BakedImage, Promotion
from apps.images.services import PromotionRequest
from apps.inventory.models import Environment
from apps.workflows.models import Run
from tests.cloud_fixture import new_place
from tests.faults import shared
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts, bakes
from tests.faults.snapshot import SHARES, Account
from tests.faults.workers import STUCK, carry_on
from tests.faults.world import World

GRANTING, REVOKING = "promotion", "revocation"
THIRD = "300000000000"  # an account that is none of the console's
THEIRS = [{"Key": "version", "Value": "theirs"}, {"Key": "team", "Value": "theirs"}]


@dataclass
class Revocation:
    """The second run of a promotion."""

    run: Run

    @property
    def run_id(self) -> int:
        return self.run.pk


def guests(world: World) -> None:
    """A baked image with a copy, and another account whose environment it is to be promoted to: it counts now.

    In one region that account may launch it already, and has tags of its own on it; in the other a third one may. What
    is done has its events where the image goes to.
    """
    bakes.kitchen(world)
    made = bakes.bake(world)
    assert carry_on(made).state == "succeeded"
    account, place = world.account, new_place(world.account.place)
    account.kinds, account.guest = SHARES, Account(place)
    world.environment = Environment.objects.create(
        name=f"guest-{world.environment.name}",
        account_id=place.account,
        role_arn=place.role_arn,
        regions=list(account.regions),
    )
    for region, who in zip(account.regions, (place.account, THIRD), strict=True):
        image = made.images.get(region=region).image_id
        account.ec2_in(region).modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": who}]})
        if who == place.account:
            account.guest.ec2_in(region).create_tags(Resources=[image], Tags=THEIRS)
        ec2.describe_images(world.environment.target(region), [image])  # its credentials are of before the checkpoint
    world.holds, world.undone = [shared.agrees], account.state()


def promote(world: World) -> Promotion:
    """Starts it, by the copy's id as well as by any other."""
    image = BakedImage.objects.filter(deleted_at__isnull=True).latest("pk").image_id
    request = PromotionRequest(image, world.environment.name, acts.REASON)
    return services.promote(request, actor=acts.ACTOR)


def revoke(world: World) -> Revocation:
    """Starts it, of the promotion that stands."""
    pk = Promotion.objects.get(target=world.environment, live=True).pk
    run = services.revoke(pk, actor="bob", reason=acts.REASON).revocation
    assert run
    return Revocation(run)


def _promoted(world: World) -> None:
    guests(world)
    assert carry_on(promote(world)).state == "succeeded"
    world.undone = world.account.state()


def _granting(step: str, world: World) -> None:
    guests(world)
    acts.until_step(promote(world), step)


def _revoking(step: str, world: World) -> None:
    _promoted(world)
    acts.until_step(revoke(world), step)


def _pk(world: World) -> int:
    return Promotion.objects.get(target=world.environment).pk


def _cancel(world: World) -> Promotion:
    return services.cancel_promotion(_pk(world), actor="bob", reason=acts.REASON)


def _cancel_revocation(world: World) -> Revocation:
    run = services.cancel_promotion(_pk(world), actor="bob", reason=acts.REASON).revocation
    assert run
    return Revocation(run)


def _stuck(world: World) -> None:
    """One that is undone, where the role might not take a launch permission back; by now it may."""
    _granting(LAST_OF_GRANTING, world)
    made = _cancel(world)
    with acts.denied("ModifyImageAttribute"):
        run = carry_on(made)
    assert run.state == STUCK, f"{run.state}: {run.failure or run.says}"


def _retry(world: World) -> Promotion:
    return services.resume_promotion(_pk(world), actor="bob", reason=acts.REASON)


GRANTS, REVOKES, CANCELS = (frozenset({f"images.{each}"}) for each in ("promote", "revoke", "cancel_promotion"))
LAST_OF_GRANTING, LAST_OF_REVOKING = "record-promotion", "record-revocation"
register(Operation("promotion-with-copy", GRANTING, promote, GRANTS, guests, row=Promotion))
register(Operation("revocation-with-copy", REVOKING, revoke, REVOKES, _promoted, row=Promotion))
UNDONE = "undo-of-promotion"
register(Operation(UNDONE, GRANTING, _cancel, CANCELS, partial(_granting, LAST_OF_GRANTING), row=Promotion))
register(
    Operation(
        "undo-of-revocation",
        REVOKING,
        _cancel_revocation,
        CANCELS,
        partial(_revoking, LAST_OF_REVOKING),
        row=Promotion,
    )
)
register(
    Operation(
        "retried-undo-of-promotion",
        GRANTING,
        _retry,
        frozenset({"images.resume_promotion"}),
        _stuck,
        like=UNDONE,
        row=Promotion,
    )
)
