"""Letting an account launch an AMI, and taking that back: in one region."""

from __future__ import annotations

from typing import ClassVar

from apps.cloud.aws import sharing
from apps.images.models import Promotion
from apps.images.steps.base import pause
from apps.images.steps.promoting import LEFT, Here, Permission, PromotionStep, here, news, put_back, settle
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Outcome, Wait

LAUNCH = Permission(sharing.launch_permissions, sharing.let_launch)


class LaunchPermission(PromotionStep):
    """`gives`: whether it lets the target's account launch the AMI, or no longer."""

    gives: ClassVar[bool]
    calls = ("ec2:DescribeImageAttribute", "ec2:ModifyImageAttribute")

    def act(self, context: Context, row: Promotion) -> Outcome:
        at = here(context, row)
        if settle(context, LAUNCH, at, [at.image], may=self.gives):
            return Wait(pause(context), f"The launch permission of {at.image} is being changed.")
        if not context.memory.get("changed"):
            return Done("it was so before")
        changes = (self._news(at, row, may=self.gives),)
        return Done(self._says(at, row, may=self.gives), self.told(context), changes)

    def revert(self, context: Context, row: Promotion) -> Outcome:
        at = here(context, row)
        if put_back(context, LAUNCH, at, may=self.gives):
            return Wait(pause(context), f"The launch permission of {at.image} is being put back.")
        if not context.memory.get("changed"):
            return Done("it was not changed")
        untold = () if self.has_told(context) else (self._news(at, row, may=self.gives, more=LEFT),)
        changes = (*untold, self._news(at, row, may=not self.gives))
        return Done(self._says(at, row, may=not self.gives), changes=changes)

    def _says(self, at: Here, row: Promotion, *, may: bool) -> str:
        return f"{row.target.name} may {'' if may else 'no longer '}launch {at.image}"

    def _news(self, at: Here, row: Promotion, *, may: bool, more: str = "") -> Change:
        summary = f"{self._says(at, row, may=may)} of {row.source.name} in {at.target.region}{more}"
        return news(row, "image.shared" if may else "image.withdrawn", at.image, summary, at.target.region)


@register
class ShareImage(LaunchPermission):
    slug = "share-image"
    undo_title = "Take the launch permission back"
    gives = True


@register
class WithdrawImage(LaunchPermission):
    slug = "withdraw-image"
    undo_title = "Give the launch permission again"
    gives = False
