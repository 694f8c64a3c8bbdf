"""What the steps of a bake share: its row, where it is made, and how an image of it is taken away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from apps.cloud.aws import images
from apps.cloud.aws.looking import calling
from apps.cloud.tags import RUN_TAG
from apps.cloud.values import InstanceState, Target
from apps.images.models import Bake
from apps.workflows.context import Context
from apps.workflows.kinds import StepKind
from apps.workflows.plans import Change, Done, Outcome, Wait

APPEARS_WITHIN = 30.0  # seconds until AWS surely shows what was made
QUICK, SLOW, SOON = 1.0, 5.0, 60.0  # seconds between looks, at first and later; how long "at first" lasts

REMOVE = ("ec2:DeregisterImage", "ec2:DeleteSnapshot", "ec2:DescribeImages")


class BakeStep(StepKind):
    """A step of a bake that calls AWS: within its lease, its calls kept with the attempt.

    `calls` are all that it and its undo may call on AWS, as IAM names it.
    """

    calls: ClassVar[tuple[str, ...]] = ()
    undo_title: ClassVar[str] = ""  # what its undo does, for people; empty where there is nothing to put back

    def run(self, context: Context) -> Outcome:
        return self._carry_out(context, self.act)

    def undo(self, context: Context) -> Outcome:
        return self._carry_out(context, self.revert)

    def act(self, context: Context, bake: Bake) -> Outcome:
        raise NotImplementedError

    def revert(self, context: Context, bake: Bake) -> Outcome:
        """Puts back what `act` did. By default there is nothing to put back."""
        del context, bake
        return Done()

    def _carry_out(self, context: Context, what: Callable[[Context, Bake], Outcome]) -> Outcome:
        with calling(context):
            return what(context, bake_of(context))


def bake_of(context: Context) -> Bake:
    """The bake whose run this is."""
    rows = Bake.objects.select_related("environment", "application", "build")
    return rows.defer("log").get(run_id=context.run_id)


def target_of(bake: Bake, region: str = "") -> Target:
    """Where it calls AWS: in its own region, or in one that gets a copy."""
    return bake.environment.target(region or bake.region)


def pause(context: Context) -> float:
    """Seconds until the next look: short at first, so that what is ready is not left waiting."""
    return QUICK if context.elapsed < SOON else SLOW


def change(bake: Bake, kind: str, subject: str, summary: str, region: str = "", **after: Any) -> Change:
    """A change on AWS, to be told of."""
    where = {"environment": bake.environment.name, "region": region or bake.region}
    return Change(kind, subject, summary, after=after or None, where=where)


def tags_of(bake: Bake) -> dict[str, str]:
    """What an image of this bake says of itself; what is not known is left out."""
    base, build = bake.recipe["base_image"], bake.build
    found = {
        "application": bake.application.name,
        "version": bake.version,
        "package": bake.package,
        "commit": build.commit if build else "",
        "build": build.number if build else "",
        "base_image": base["image_id"],
        "base_name": base["name"],
        "base_version": base["version"],
        "creator": bake.actor,
        "created_at": bake.created_at.isoformat(timespec="seconds"),
        RUN_TAG: str(bake.run_id),
    }
    return {name: value[:256] for name, value in found.items() if value}


def words_of(bake: Bake) -> str:
    """An image's description."""
    base = bake.recipe["base_image"]
    return f"{bake.package} {bake.version} upon {base['name']} ({base['image_id']}), bake {bake.pk}"[:255]


def gone(machine: InstanceState | None) -> bool:
    """Whether a machine has ended for good, or AWS knows none."""
    return machine is None or machine.over


def take_away(context: Context, bake: Bake, region: str) -> str:
    """Removes the bake's image in a region with its snapshots; what is waited for, or "" when nothing is left.

    An image that is still being made is waited for: AWS would leave its snapshots behind.
    """
    target = target_of(bake, region)
    image = images.named_image(target, bake.image_name)
    known, found = context.memory.get("snapshots", {}), context.memory.get("found", {})
    if image is None:
        for snapshot in known.get(region, ()):
            images.delete_snapshot(target, snapshot)
        late = context.elapsed < APPEARS_WITHIN and region not in known and region in context.memory.get("sent", ())
        return f"making sure that no image was made in {region}" if late else ""
    if image.state == "pending":
        return f"{image.id} in {region} must be made before it can be removed"
    context.remember(snapshots={**known, region: list(image.snapshots)}, found={**found, region: image.id})
    images.deregister(target, image.id)
    for snapshot in image.snapshots:
        images.delete_snapshot(target, snapshot)
    return f"making sure that {image.id} in {region} is gone"


def sent(context: Context, region: str) -> None:
    """Notes that a call which makes an image in a region is about to be sent."""
    context.remember(sent=sorted({*context.memory.get("sent", ()), region}))


def removed(context: Context, bake: Bake, regions: list[str], made: Callable[[str, str], Change] | None) -> Outcome:
    """The undo of steps that make images. `made` tells of an image, by its region and id, of which the step had not
    told yet when it was left; None where it had.
    """
    left = [says for region in regions if (says := take_away(context, bake, region))]
    if left:
        return Wait(pause(context), f"Removing what was made: {'; '.join(left)}.")
    found: dict[str, str] = context.memory.get("found", {})
    changes = [made(region, found[region]) for region in regions if region in found] if made else []
    changes += [
        change(bake, "image.deregistered", found[region], f"{bake.image_name} in {region} was removed", region)
        for region in regions
        if region in found
    ]
    return Done("nothing is left" if found else "no image was made", changes=tuple(changes))
