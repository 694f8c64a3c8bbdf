"""AMIs of the account's own, each with its snapshots: deregistered, then the snapshots are deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from apps.cloud.aws import ec2, images, sharing
from apps.cloud.errors import InUse
from apps.cloud.values import Target
from apps.images.janitor.afresh import Looks
from apps.images.janitor.base import ACTED, LEFT, Kind, Thing, kept, needed, register, tagged, too_young
from apps.images.janitor.use import Knowledge
from apps.images.models import Bake, BakedImage, JanitorRules, Mark
from apps.inventory.models import Environment, Image
from apps.inventory.selectors.references import images_of

ENDED = frozenset({"available", "failed", "error"})  # states that nothing makes go on
GONE = "deregistered"


@register
class Images(Kind):
    slug = "image"
    title = "AMIs with their snapshots"
    shape, example = r"ami-[0-9a-f]+", "ami-0123456789abcdef0"
    calls = ("ec2:DeregisterImage", "ec2:DeleteSnapshot")

    def things(self, environment: Environment, rules: JanitorRules, now: datetime) -> Iterable[Thing]:
        rows = list(images_of(environment))
        known, mine, newest = Knowledge.at(now), kept(environment, self.slug), _newest(rows, rules.newest)
        for row in rows:
            since, seen = known.idle_since(row)
            days = rules.unused_days if seen else rules.never_used_days
            last = "It was last used, or its use last not known," if seen else "It was made, or first watched,"
            stays = (
                mine.get((row.region, row.image_id), "")
                or _of_itself(row)
                or known.why_used(row.image_id, bases=rules.keep_bases)
                or newest.get(row.pk, "")
                or known.why_unknown(row.region)
                or ("Its age is not known." if since is None else too_young(since, days, now, last))
            )
            because = f"Nothing has used it for {days} days." if seen else f"Nothing used it in {days} days."
            called = " ".join(filter(None, [row.application, row.version])) or row.name
            yield Thing(row.region, row.image_id, called, row.application, since, because, stays)

    def knows(self, environment: Environment, region: str, resource: str) -> bool:
        return Image.objects.filter(
            environment__account_id=environment.account_id, region=region, image_id=resource, gone_at__isnull=True
        ).exists()

    def objection(self, mark: Mark, rules: JanitorRules, looks: Looks) -> str:
        target = mark.environment.target(mark.region)
        image = ec2.find_image(target, mark.resource)
        if image is None or image.state == GONE:
            # after our own call it may have been shown once more, and its snapshots are left
            return "" if mark.memory.get(ACTED) else "It is gone already."
        if image.owner != mark.environment.account_id or image.public or image.state not in ENDED:
            return f"It is {image.state}, of account {image.owner}{', and public' if image.public else ''}."
        if image.created_at is None:
            return "Its age is not known."
        del rules
        return (
            tagged(image.tags)
            or looks.objection(mark.environment, mark.region, mark.resource)
            or needed().get(mark.resource, "")  # asked for since the round began
        )

    def prepare(self, mark: Mark) -> Mapping[str, Any]:
        image = ec2.find_image(mark.environment.target(mark.region), mark.resource)
        return {"snapshots": list(image.snapshots)} if image else {}

    def standing(self, mark: Mark) -> bool:
        image = ec2.find_image(mark.environment.target(mark.region), mark.resource)
        return image is not None and image.state != GONE

    def delete(self, mark: Mark) -> bool:
        target = mark.environment.target(mark.region)
        if self.standing(mark):
            images.deregister(target, mark.resource)
            if self.standing(mark):  # AWS shows it for a while yet
                return False
        stay = _staying(mark)
        left = [
            each
            for each in mark.memory.get("snapshots", ())
            if each not in stay and not _deleted(target, each, mark.resource)
        ]
        if left:
            return False
        mark.memory = {**mark.memory, LEFT: " ".join(f"Its snapshot {each} stays. {why}" for each, why in stay.items())}
        _strike_off(mark, list(stay))
        return True


def _of_itself(row: Image) -> str:
    if row.public:
        return "It is public: anybody may launch it."
    if row.state not in ENDED:
        return f"It is {row.state}."
    return tagged(row.tags)


def _newest(rows: Iterable[Image], most: int) -> dict[int, str]:
    """The newest of each application and region, which always stay, by primary key."""
    by: dict[tuple[str, str], list[Image]] = defaultdict(list)
    for row in rows:
        by[row.region, row.application].append(row)
    found = {}
    for (_, application), each in by.items():
        of = f"of {application}" if application else "of no known application"
        for row in sorted(each, key=lambda row: (row.created_at, row.image_id), reverse=True)[:most]:
            found[row.pk] = f"It is among the newest {most} {of}."
    return found


def _staying(mark: Mark) -> dict[str, str]:
    """The snapshots of the AMI that somebody keeps for themselves, by id, with why."""
    target, mine = mark.environment.target(mark.region), kept(mark.environment, "snapshot")
    found = {each: sharing.find_snapshot(target, each) for each in mark.memory.get("snapshots", ())}
    said = {each: mine.get((mark.region, each), "") or tagged(state.tags) for each, state in found.items() if state}
    return {each: why for each, why in said.items() if why}


def _deleted(target: Target, snapshot: str, image_id: str) -> bool:
    """Whether nothing is left to do for a snapshot of an AMI. One that another AMI is made of too is that one's."""
    try:
        images.delete_snapshot(target, snapshot)
    except InUse:
        users = {each.id for each in ec2.describe_images(target) if snapshot in each.snapshots}
        return bool(users) and image_id not in users
    return True


def _strike_off(mark: Mark, snapshots: list[str]) -> None:
    """Its bake has no such image any more, but for these; without that of its own region it answers for no request."""
    made = BakedImage.objects.filter(image_id=mark.resource)
    Bake.objects.filter(images__in=made.filter(region=mark.region), region=mark.region).update(live=False)
    made.update(deleted_at=Now(), snapshots=snapshots)
