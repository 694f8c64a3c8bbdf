"""Letting an account launch an AMI, and taking that back: in one region."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from apps.cloud.aws import sharing
from apps.cloud.values import Target
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
        others: set[str] = set()

        def read(target: Target, image: str) -> frozenset[str]:
            found = sharing.launch_permissions(target, image)
            others.update(found)
            return found

        if settle(context, replace(LAUNCH, read=read), at, [at.image], may=self.gives):
            return Wait(pause(context), f"The launch permission of {at.image} is being changed.")
        still = "" if self.gives else _still(others)
        if not context.memory.get("changed"):
            return Done(f"it was so before{still}")
        changes = (self._news(at, row, may=self.gives, more=still),)
        return Done(f"{self._says(at, row, may=self.gives)}{still}", self.told(context), changes)

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


def _still(who: set[str]) -> str:
    """That others' permissions let the account launch the AMI all the same; empty if none do."""
    if "all" in who:
        return ", but as anybody may: the AMI is public"
    organizations = ", ".join(sorted(each for each in who if each.startswith("arn:")))
    return f", but as a member of {organizations}, if it is one" if organizations else ""


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
