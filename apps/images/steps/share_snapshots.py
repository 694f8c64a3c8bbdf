"""Letting an account make volumes of an AMI's snapshots, and taking that back: in one region."""

from __future__ import annotations

from typing import ClassVar

from apps.cloud.aws import sharing
from apps.images.models import Promotion
from apps.images.steps.base import pause
from apps.images.steps.promoting import LEFT, Permission, PromotionStep, here, news, put_back, settle
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Outcome, Wait

VOLUMES = Permission(sharing.volume_permissions, sharing.let_make_volumes)


class VolumePermission(PromotionStep):
    """`gives`: whether it lets the target's account use the snapshots, or no longer."""

    gives: ClassVar[bool]
    calls = ("ec2:DescribeSnapshotAttribute", "ec2:ModifySnapshotAttribute")

    def act(self, context: Context, row: Promotion) -> Outcome:
        at = here(context, row)
        on_their_way = settle(context, VOLUMES, at, at.snapshots, may=self.gives)
        if on_their_way:
            return Wait(pause(context), f"The permissions of {', '.join(on_their_way)} are being changed.")
        changed = context.memory.get("changed", [])
        if not changed:
            return Done("it was so before")
        changes = (self._news(row, changed, at.target.region, may=self.gives),)
        return Done(", ".join(changed), self.told(context), changes)

    def revert(self, context: Context, row: Promotion) -> Outcome:
        at = here(context, row)
        on_their_way = put_back(context, VOLUMES, at, may=self.gives)
        if on_their_way:
            return Wait(pause(context), f"The permissions of {', '.join(on_their_way)} are being put back.")
        changed = context.memory.get("changed", [])
        if not changed:
            return Done("nothing was changed")
        region = at.target.region
        untold = () if self.has_told(context) else (self._news(row, changed, region, may=self.gives, more=LEFT),)
        return Done(", ".join(changed), changes=(*untold, self._news(row, changed, region, may=not self.gives)))

    def _news(self, row: Promotion, snapshots: list[str], region: str, *, may: bool, more: str = "") -> Change:
        named = ", ".join(snapshots)
        what = f"make volumes of {named} of {row.source.name}{more}"
        summary = f"{row.target.name} may {'' if may else 'no longer '}{what}"
        return news(row, "snapshots.shared" if may else "snapshots.withdrawn", named[:255], summary, region)


@register
class ShareSnapshots(VolumePermission):
    slug = "share-snapshots"
    undo_title = "Take the snapshots back"
    gives = True


@register
class WithdrawSnapshots(VolumePermission):
    slug = "withdraw-snapshots"
    undo_title = "Give the snapshots again"
    gives = False
