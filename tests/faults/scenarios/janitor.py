"""Deletions by the janitor, due and told of: an AMI with its snapshots, a launch template version, a kept group.

A deletion is no run of the engine but a few rounds. The first two are carried out by a step of these tests, that takes
one round a look: so workers die, stop and are replaced in the midst of one as anywhere else. It ends undone where the
janitor decided to keep the thing, which must be whole then. A group is deleted by an operation that is struck
elsewhere: here it is how that is begun.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from django.db.models import F

from apps.deployments.janitor.group import OPERATION
from apps.deployments.janitor.template_version import OURS
from apps.deployments.models import Deployment, KeptGroup
from apps.images.errors import Refused
from apps.images.models import Mark
from apps.images.services import clean_up
from apps.images.steps.base import RUN_TAG
from apps.inventory.models import Image
from apps.workflows import services as workflows
from apps.workflows.context import Context
from apps.workflows.kinds import StepKind
from apps.workflows.kinds import register as known
from apps.workflows.models import Run
from apps.workflows.plans import Done, Failed, NeedsPerson, Outcome, PlannedStep, Wait
from tests.faults.injector import Died
from tests.faults.made import snapshots_of
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World
from tests.images.cleaning import days_pass, read, settled, switch_on
from tests.world import wait_for

KIND, STEP = "janitor", "janitor-rounds"
PATIENCE = 10  # rounds to no avail after which somebody looks: more than a fault may last
ROUNDS = 4  # in which a deletion by a run of its own is begun


@dataclass
class Cleaned:
    """The rounds for one mark."""

    run: Run

    @property
    def run_id(self) -> int:
        return self.run.pk


@known
class Rounds(StepKind):
    """A round a look, until the mark has ended."""

    slug = STEP

    def run(self, context: Context) -> Outcome:
        mark = Mark.objects.select_related("environment").get(pk=context.params["mark"])
        tries = mark.tries
        settled()
        clean_up(mark.environment)
        mark.refresh_from_db()
        if mark.state == Mark.State.DELETED:
            return Done(mark.resource)
        if mark.state == Mark.State.UNMARKED:
            return Failed(mark.says)
        if mark.tries > tries and mark.tries % PATIENCE == 0:
            return NeedsPerson(mark.says)
        return Wait(1.0, mark.says or "The next round begins.")


def _doomed_image(world: World) -> None:
    """One AMI more, the oldest, which a bake could have made; nothing uses it."""
    account, place = world.account, world.cluster.region
    account.kinds, world.needs = ("image",), 0
    image = account.ec2.copy_image(
        SourceImageId=world.service.images["1.1.0"],
        SourceRegion=place,
        Name="doomed",
        ClientToken=world.environment.name,
    )["ImageId"]
    wait_for(lambda: _shape(world, image)["State"] == "available", "the copy")
    snapshots = snapshots_of(_shape(world, image))
    tags = {"application": world.service.application, "version": "0.9.0", RUN_TAG: "1"}
    account.ec2.create_tags(
        Resources=[image, *snapshots], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    _due(world, "image", image)
    world.holds.append(partial(_whole, image=image, snapshots=snapshots))


def _doomed_version(world: World) -> None:
    """Versions of the launch template that pushes made; nothing launches them, and the newest stay."""
    world.account.kinds, world.needs = ("template",), 0
    for number in range(4):
        world.account.ec2.create_launch_template_version(
            LaunchTemplateId=world.service.template,
            SourceVersion="1",
            VersionDescription=f"{OURS}{number}",
            LaunchTemplateData={"ImageId": world.service.images["1.2.0"]},
        )
    _due(world, "template-version", f"{world.service.template}:2")


def _doomed_group(world: World) -> None:
    """A group that stood by since the last push."""
    acts.pushed(world)
    KeptGroup.objects.filter(cluster=world.cluster).update(created_at=F("created_at") - timedelta(days=8))
    _due(world, "group", world.service.group)
    world.holds.append(_told_by_the_next_round)


def _due(world: World, kind: str, resource: str) -> None:
    """It is marked, told of, and its day has come; of all else it has not."""
    switch_on(world.environment)
    read(world.environment)
    Image.objects.filter(image_id=resource).update(created_at=F("created_at") - timedelta(days=1))  # the oldest
    days_pass(40)
    for _ in range(2):
        assert clean_up(world.environment)
    days_pass(8)
    Mark.objects.exclude(kind=kind, resource=resource).delete()
    mark = Mark.objects.get()
    assert mark.state == Mark.State.NOTIFIED, f"{mark}: {mark.says}"


def _rounds(world: World) -> Cleaned:
    mark = Mark.objects.get()
    run = workflows.start(
        kind=KIND,
        subject=mark.resource,
        steps=[PlannedStep(STEP, f"Delete {mark.resource}", {"mark": mark.pk})],
        actor=acts.ACTOR,
        reason=acts.REASON,
        lock=f"{KIND}:{world.environment.name}/",
    )
    return Cleaned(run)


def _begun_by_rounds(world: World) -> Deployment:
    """Raises Refused where the janitor does not come to it."""
    for _ in range(ROUNDS):
        settled()
        with contextlib.suppress(Died):
            clean_up(world.environment)
        begun = Deployment.objects.filter(cluster=world.cluster, operation=OPERATION).select_related("run").first()
        if begun is not None:
            return begun
    raise Refused(Mark.objects.get(kind="group").says)


def _whole(world: World, cleaned: Any, *, image: str, snapshots: set[str]) -> Iterator[str]:
    """Its snapshots stand as long as it does, and go with it."""
    there = _shape(world, image).get("State") == "available"
    left = {each for each in snapshots if _stands(world.account.ec2, each)}
    if left != (snapshots if there else set()):
        yield f"{image} is {'there' if there else 'gone'}, and of {snapshots} there are {left or 'none'}"
    del cleaned


def _told_by_the_next_round(world: World, deployment: Any) -> Iterator[str]:
    mark = Mark.objects.get(kind="group", resource=world.service.group)
    if deployment is None or deployment.run.state != "succeeded":
        return
    clean_up(world.environment)
    mark.refresh_from_db()
    if mark.state != Mark.State.DELETED:
        yield f"{mark}: {mark.says}"


def _shape(world: World, image: str) -> dict[str, Any]:
    found = world.account.ec2.describe_images(Filters=[{"Name": "image-id", "Values": [image]}])["Images"]
    return dict(found[0]) if found else {}


def _stands(ec2: Any, snapshot: str) -> bool:
    try:
        return bool(ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"])
    except ClientError:
        return False


def _register(slug: str, prepare: Callable[[World], None]) -> None:
    register(Operation(f"{KIND}-{slug}", KIND, _rounds, frozenset(), prepare))


_register("image", _doomed_image)
_register("template-version", _doomed_version)
register(
    Operation(
        f"{KIND}-group",
        Deployment.Kind.CHANGE,
        _begun_by_rounds,
        frozenset(),
        _doomed_group,
        like="change-delete-group",
    )
)
