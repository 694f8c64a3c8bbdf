"""Writing an AMI's tags in the account that it was shared with, by that account's own role, and removing them again.

Tags are per account: what the owner wrote, nobody else sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from apps.cloud.aws import sharing
from apps.cloud.errors import NotFound
from apps.images.models import Promotion
from apps.images.steps.base import pause
from apps.images.steps.promoting import LEFT, REFUSED, Here, PromotionStep, here, news
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Outcome, Wait

VISIBLE_WITHIN = 60.0  # seconds until AWS surely shows an account what was shared with it
Values = Mapping[str, str | None]  # a tag's value by its name; None where it is not to be there


class SharedTags(PromotionStep):
    """Brings tags of the AMI and its snapshots to what is wanted; its undo, to what was there before."""

    calls = ("ec2:CreateTags", "ec2:DeleteTags", "ec2:DescribeTags")
    given_again: ClassVar[bool] = False  # before its undo the account was let see the AMI again, just now

    def wanted(self, row: Promotion, has: Mapping[str, str]) -> Values:
        """What a resource that has these tags shall have of those that the promotion is about."""
        raise NotImplementedError

    def act(self, context: Context, row: Promotion) -> Outcome:
        at = here(context, row)
        if "before" not in context.memory:
            has = sharing.tags_on(at.target, at.resources)
            wanted = {each: dict(self.wanted(row, has[each])) for each in at.resources}
            before = {each: {name: has[each].get(name) for name in wanted[each]} for each in at.resources}
            context.remember(before=before, wanted=wanted)
        try:
            changed = bring(context, at, context.memory["wanted"], "sent")
        except NotFound as error:
            if context.elapsed > VISIBLE_WITHIN:
                raise
            return Wait(pause(context), f"{row.target.name} does not see {at.image} yet ({error.code}).")
        if changed:
            return Wait(pause(context), f"The tags of {', '.join(changed)} are being written in {row.target.name}.")
        if not context.memory.get("sent"):
            return Done("they were so before")
        return Done(f"{len(at.resources)} resources", self.told(context), (self._news(context, at, row),))

    def revert(self, context: Context, row: Promotion) -> Outcome:
        at, sent = here(context, row), context.memory.get("sent")
        if not sent:
            return Done("they were not changed")
        try:
            changed = bring(context, at, {each: context.memory["before"][each] for each in sent}, "back")
        except NotFound as error:
            if self.given_again:
                return self._unseen(context, at, row, error)
            changed = []  # the account sees it no more: nor do its tags show
        if changed:
            return Wait(pause(context), f"The tags of {', '.join(changed)} are being put back in {row.target.name}.")
        summary = f"Tags of {at.image} put back in {row.target.name} {at.target.region}"
        untold = self._untold(context, at, row)
        return Done("as before", changes=(*untold, news(row, "image.tagged", at.image, summary, at.target.region)))

    def _unseen(self, context: Context, at: Here, row: Promotion, error: NotFound) -> Outcome:
        """What is shared again is not seen at once; what is gone never is, and has no tags to be put back."""
        name = row.target.name
        if context.elapsed <= VISIBLE_WITHIN:
            return Wait(pause(context), f"{name} does not see {at.image} again yet ({error.code}).")
        says = f"{name} does not see {at.image} in {at.target.region}: its tags were not put back"
        return Done(says, changes=self._untold(context, at, row))

    def _untold(self, context: Context, at: Here, row: Promotion) -> tuple[Change, ...]:
        return () if self.has_told(context) else (self._news(context, at, row, LEFT),)

    def _news(self, context: Context, at: Here, row: Promotion, more: str = "") -> Change:
        summary = f"Tags of {at.image} changed in {row.target.name} {at.target.region}{more}"
        wanted = context.memory["wanted"][at.image]
        return news(row, "image.tagged", at.image, summary, at.target.region, tags=wanted)


def bring(context: Context, at: Here, wanted: Mapping[str, Values], mark: Literal["sent", "back"]) -> list[str]:
    """Sets and removes tags where they are not as wanted; the resources on which this look did so.

    They are remembered as `mark` first. What is put back is sent once in any case: a call that was cut off may take
    effect after a look.
    """
    has = sharing.tags_on(at.target, at.resources)
    changed = []
    for resource, tags in wanted.items():
        known = context.memory.get(mark, [])
        whatever = mark == "back" and resource not in known
        differ = {name: value for name, value in tags.items() if whatever or has[resource].get(name) != value}
        if not differ:
            continue
        context.remember(**{mark: sorted({*known, resource})})
        try:
            _write(at, resource, differ)
        except REFUSED:
            context.remember(**{mark: known})
            raise
        changed.append(resource)
    return changed


def _write(at: Here, resource: str, tags: Values) -> None:
    there = {name: value for name, value in tags.items() if value is not None}
    if there:
        sharing.set_tags(at.target, [resource], there)
    if tags.keys() - there.keys():
        sharing.remove_tags(at.target, [resource], tags.keys() - there.keys())


@register
class TagShared(SharedTags):
    slug = "tag-shared"
    undo_title = "Put the tags back"

    def wanted(self, row: Promotion, has: Mapping[str, str]) -> Values:
        del has
        return dict(row.tags)


@register
class UntagShared(SharedTags):
    slug = "untag-shared"
    undo_title = "Write the tags again"
    given_again = True

    def wanted(self, row: Promotion, has: Mapping[str, str]) -> Values:
        """What somebody has written since stays."""
        return {name: None for name, value in row.tags.items() if has.get(name) == value}
