"""Bakes: one that copies its image, asked for twice, standing already; ones that fail, are cancelled, or ask a person.

What a builder prints is agreed on with the lite cloud, whose machines do not run their user data.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from apps.cloud.errors import CloudError
from apps.images import services
from apps.images.errors import Refused
from apps.images.models import Bake
from apps.images.services import BakeRequest, approve_base, set_recipe
from apps.inventory.models import Environment
from tests.faults import made
from tests.faults.injector import Died
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.snapshot import BAKES
from tests.faults.workers import STUCK, carry_on
from tests.faults.world import World
from tests.images.kitchen import INSTALLS, says

KIND = "bake"
COPY = "eu-west-1"
WELL = ("begin", "step install", "step manifest", "log-bytes 0", "ok")
BADLY = ("begin", "step install", "log-bytes 0", "says it is not there", "failed install 1")
PLAIN = "bake-with-copy"


def kitchen(world: World, fault: str = "") -> None:
    """The first image of the service is a base image, of which a recipe makes images with a copy in another region.

    Of all else in the account nothing counts. What is made of the base image fails so from the beginning.
    """
    account, place = world.account, world.cluster.region
    account.kinds, account.regions, world.needs = BAKES, (place, COPY), 0
    world.holds.append(made.agrees)
    world.environment.regions = [place, COPY]
    Environment.objects.filter(pk=world.environment.pk).update(regions=world.environment.regions)
    base = world.service.images["1.0.0"]
    name = world.environment.name
    approve_base(name, place, "plain", base, "1", actor=acts.ACTOR)
    recipe = {"environment": name, "region": place, "base": "plain", "copies": [COPY], **INSTALLS}
    set_recipe(world.service.application, recipe, actor=acts.ACTOR)
    if fault:
        account.ec2.create_tags(Resources=[base], Tags=[{"Key": "fault", "Value": fault}])
    world.undone = account.state()


def ask(world: World) -> Bake:
    """Asks for the image."""
    request = BakeRequest(world.service.application, "1.1.0", reason=acts.REASON)
    return services.bake(request, actor=acts.ACTOR)


def bake(world: World, prints: tuple[str, ...] = WELL) -> Bake:
    """Starts a bake whose builder prints this and stops; without anything it goes on and on."""
    started = ask(world)
    says(started, *prints)
    return started


def _twice(world: World) -> Bake:
    """Somebody else asks for the same image at once, and may have to ask again; that is the first one's nothing."""
    first = bake(world)
    with contextlib.suppress(CloudError, Refused, Died):
        assert ask(world).pk == first.pk
    return first


def _baked(world: World) -> None:
    kitchen(world)
    assert carry_on(bake(world)).state == "succeeded"
    world.undone = world.account.state()


def _cancelled_at(step: str, prints: tuple[str, ...], world: World) -> None:
    kitchen(world)
    acts.until_step(bake(world, prints), step)


def _last() -> Bake:
    return Bake.objects.latest("pk")


def _cancel(world: World) -> Bake:
    return services.cancel_bake(_last().pk, actor="bob", reason=acts.REASON)


def _stuck(world: World) -> None:
    """A bake that failed, and whose builder the role might not terminate; by now it may."""
    kitchen(world)
    with acts.denied("TerminateInstances"):
        run = carry_on(bake(world, BADLY))
    assert run.state == STUCK, f"{run.state}: {run.failure or run.says}"


def _retry(world: World) -> Bake:
    return services.resume_bake(_last().pk, actor="bob", reason=acts.REASON)


def _register(slug: str, begin: Any, prepare: Any = kitchen, *, covers: str = "bake", like: str = "") -> None:
    register(Operation(slug, KIND, begin, frozenset({f"images.{covers}"}), prepare, like=like, row=Bake))


_register(PLAIN, bake)
_register("bake-asked-twice", _twice, like=PLAIN)
_register("bake-standing", ask, _baked)
_register("bake-failing", partial(bake, prints=BADLY), like=PLAIN)
_register("bake-copy-failing", bake, partial(kitchen, fault="copy_fails"), like=PLAIN)
_register("undo-of-bake-installing", _cancel, partial(_cancelled_at, "await-builder", ()), covers="cancel_bake")
_register("undo-of-bake-imaging", _cancel, partial(_cancelled_at, "await-image", WELL), covers="cancel_bake")
_register("undo-of-bake-copying", _cancel, partial(_cancelled_at, "await-copies", WELL), covers="cancel_bake")
_register("bake-retry", _retry, _stuck, covers="resume_bake")
