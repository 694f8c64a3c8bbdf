"""Snapshots of our own bakes whose AMI somebody deregistered, and left them behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apps.cloud.aws import ec2, images
from apps.cloud.aws.sharing import find_snapshot
from apps.cloud.tags import RUN_TAG
from apps.images.janitor.afresh import Looks
from apps.images.janitor.base import Kind, Thing, kept, register, tagged, too_young
from apps.images.models import BakedImage, JanitorRules, Mark
from apps.inventory.models import Environment
from apps.workflows.states import ACTIVE


@register
class Snapshots(Kind):
    slug = "snapshot"
    title = "Snapshots of bakes, left behind"
    shape, example = r"snap-[0-9a-f]+", "snap-0123456789abcdef0"
    calls = ("ec2:DeleteSnapshot",)

    def things(self, environment: Environment, rules: JanitorRules, now: datetime) -> Iterable[Thing]:
        mine = kept(environment, self.slug)
        rows = BakedImage.objects.filter(bake__environment=environment, deleted_at__isnull=False)
        live = Mark.objects.filter(environment=environment, kind="image", state=Mark.State.DELETING)
        going = set(live.values_list("resource", flat=True))
        for row in rows.select_related("bake__application", "bake__run").order_by("deleted_at", "id"):
            since = row.deleted_at
            for snapshot in row.snapshots:
                stays = mine.get((row.region, snapshot), "")
                if row.bake.run.state in ACTIVE or row.image_id in going:
                    stays = stays or "What made it, or deletes it, is under way."
                if since is not None:
                    stays = stays or too_young(since, rules.snapshot_days, now, f"{row.image_id} was first missed")
                because = f"{row.image_id}, of which it was made by bake {row.bake_id}, is gone."
                called = f"of {row.bake.image_name}"
                yield Thing(row.region, snapshot, called, row.bake.application.name, since, because, stays)

    def knows(self, environment: Environment, region: str, resource: str) -> bool:
        """Those of AMIs that stand, too: it outlives them then."""
        of_account = BakedImage.objects.filter(bake__environment__account_id=environment.account_id, region=region)
        return of_account.filter(snapshots__contains=[resource]).exists()

    def objection(self, mark: Mark, rules: JanitorRules, looks: Looks) -> str:
        del rules, looks
        target = mark.environment.target(mark.region)
        found = find_snapshot(target, mark.resource)
        if found is None:
            return ""  # its row is struck off
        if found.owner != mark.environment.account_id or RUN_TAG not in found.tags:
            return "It has no tag that says that a bake of this console made it."
        user = next((each.id for each in ec2.describe_images(target) if mark.resource in each.snapshots), "")
        return tagged(found.tags) or (f"{user} is made of it." if user else "")

    def standing(self, mark: Mark) -> bool:
        return find_snapshot(mark.environment.target(mark.region), mark.resource) is not None

    def delete(self, mark: Mark) -> bool:
        if self.standing(mark):
            images.delete_snapshot(mark.environment.target(mark.region), mark.resource)
        if self.standing(mark):
            return False
        for row in BakedImage.objects.filter(bake__environment=mark.environment, region=mark.region):
            if mark.resource in row.snapshots:
                row.snapshots = [each for each in row.snapshots if each != mark.resource]
                row.save(update_fields=["snapshots"])
        return True
