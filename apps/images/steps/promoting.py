"""What the steps of promotions share: the row, and how something is given, looked at, and given back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from apps.cloud.aws.looking import calling
from apps.cloud.errors import Denied, Invalid, NotFound
from apps.cloud.values import Target
from apps.images.models import Promotion
from apps.workflows.context import Context
from apps.workflows.kinds import StepKind
from apps.workflows.plans import Change, Done, Outcome

LEFT = ", as far as AWS was asked: the step was left before that was seen"  # of what is put back, and was never told
REFUSED = (Denied, Invalid)  # by which AWS says that a call took no effect, and would not if it were repeated


class PromotionStep(StepKind):
    """A step of a promotion that calls AWS: within its lease, its calls kept with the attempt.

    `calls` are all that it and its undo may call on AWS, as IAM names it.
    """

    calls: ClassVar[tuple[str, ...]] = ()
    undo_title: ClassVar[str] = ""

    def run(self, context: Context) -> Outcome:
        return self._carry_out(context, self.act)

    def undo(self, context: Context) -> Outcome:
        return self._carry_out(context, self.revert)

    def act(self, context: Context, row: Promotion) -> Outcome:
        raise NotImplementedError

    def revert(self, context: Context, row: Promotion) -> Outcome:
        """Puts back what `act` did, and nothing else. By default there is nothing to put back."""
        del context, row
        return Done()

    def told(self, context: Context) -> dict[str, bool]:
        """The fact that it told of what it changed: it comes with the event, or not at all."""
        return {f"{self.slug} {context.params['region']} told": True}

    def has_told(self, context: Context) -> bool:
        """Whether it did; one that was left in its midst did not, and its undo tells of both ways."""
        return self.told(context).keys() <= context.facts.keys()

    def _carry_out(self, context: Context, what: Callable[[Context, Promotion], Outcome]) -> Outcome:
        with calling(context):
            return what(context, promotion_of(context))


@dataclass(frozen=True)
class Here:
    """The AMI in the region that a step is about; `owner` and `target` are where its two accounts are called."""

    image: str
    snapshots: tuple[str, ...]
    owner: Target
    target: Target

    @property
    def resources(self) -> tuple[str, ...]:
        """All that is tagged."""
        return (self.image, *self.snapshots)


def promotion_of(context: Context) -> Promotion:
    """The promotion that this run grants or takes back."""
    rows = Promotion.objects.select_related("source", "target", "run", "revocation", "bake")
    return rows.get(Q(run_id=context.run_id) | Q(revocation_id=context.run_id))


def here(context: Context, row: Promotion) -> Here:
    """What the step is about."""
    region = context.params["region"]
    image: dict[str, Any] = next(each for each in row.images if each["region"] == region)
    return Here(image["image_id"], tuple(image["snapshots"]), row.source.target(region), row.target.target(region))


@dataclass(frozen=True)
class Permission:
    """How one kind of permission is read, as accounts by resource, and changed."""

    read: Callable[[Target, str], frozenset[str]]
    write: Callable[..., None]  # target, resource, account, may=


def settle(context: Context, permission: Permission, at: Here, resources: Iterable[str], *, may: bool) -> list[str]:
    """Gives, or takes, a permission wherever that is not so yet; the resources that were changed by this look.

    What is about to be changed is remembered first: it alone is put back. A call that AWS refused changed nothing.
    From what is gone nothing is to be taken; nor can it be given: that raises NotFound.
    """
    changed = []
    for resource in resources:
        try:
            if _set(context, permission, at, resource, may=may):
                changed.append(resource)
        except NotFound:
            if may:
                raise
    return changed


def _set(context: Context, permission: Permission, at: Here, resource: str, *, may: bool) -> bool:
    """Whether it was otherwise, and a call was sent."""
    if (at.target.account in permission.read(at.owner, resource)) == may:
        return False
    known = context.memory.get("changed", [])
    context.remember(changed=sorted({*known, resource}))
    try:
        permission.write(at.owner, resource, at.target.account, may=may)
    except (*REFUSED, NotFound):
        context.remember(changed=known)
        raise
    return True


def put_back(context: Context, permission: Permission, at: Here, *, may: bool) -> list[str]:
    """Puts back what `settle` changed; the resources that are still on their way. What is gone is passed over.

    Each is sent once in any case: a call that was cut off may take effect after a look.
    """
    left = []
    for resource in context.memory.get("changed", ()):
        sent = resource in context.memory.get("back", ())
        with contextlib.suppress(NotFound):
            if sent and (at.target.account in permission.read(at.owner, resource)) != may:
                continue
            context.remember(back=sorted({*context.memory.get("back", ()), resource}))
            permission.write(at.owner, resource, at.target.account, may=not may)
            left.append(resource)
    return left


def news(row: Promotion, kind: str, subject: str, summary: str, region: str = "", **after: Any) -> Change:
    """A change to be told of; it is one of the target's."""
    where = {"environment": row.target.name} | ({"region": region} if region else {})
    return Change(kind, subject, summary, after=after or None, where=where)
