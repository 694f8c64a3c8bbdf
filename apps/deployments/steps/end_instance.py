"""Taking one instance out of a group, at most once: what AWS is told twice could shrink the group twice."""

from __future__ import annotations

from collections.abc import Callable

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.place import APPEARS_WITHIN, Place
from apps.deployments.replacement import is_going
from apps.deployments.steps.base import REFUSED
from apps.workflows.context import Context

CLOCK = "ending_at"  # what its memory holds of `elapsed`: by instance, when AWS was told


def is_there(group: GroupState, instance: str) -> bool:
    """Whether AWS shows it as one that is not going."""
    return any(member.id == instance and not is_going(member) for member in group.members)


def is_ending(context: Context, group: GroupState, instance: str) -> bool:
    """Whether the instance is going or gone, or may be: AWS was told and may only be late to show it."""
    if not is_there(group, instance):
        return True
    if instance not in context.memory.get("ending", ()):
        return False
    known = context.memory.get(CLOCK) or {}
    if instance not in known:  # another clock runs now
        context.remember(**{CLOCK: {**known, instance: context.elapsed}})
        return True
    return bool(context.elapsed - known[instance] < APPEARS_WITHIN)


def end(context: Context, place: Place, instance: str, *, shrink: bool) -> None:
    """Tells AWS to end it; `shrink` lowers desired by one. Raises CloudError."""
    once(context, instance, lambda: autoscaling.terminate_instance(place.target, instance, decrement=shrink))


def once(context: Context, instance: str, call: Callable[[], None]) -> None:
    """Makes the call that takes an instance out, noted before. Raises CloudError.

    A call that may have taken effect is repeated only once AWS surely shows that it did not: ask `is_ending` first.
    """
    before = context.memory.get("ending", [])
    clock = {one: at for one, at in (context.memory.get(CLOCK) or {}).items() if one != instance}
    context.remember(ending=[*before, instance], **{CLOCK: clock})  # its time begins with the first look after the call
    try:
        call()
    except REFUSED:
        context.remember(ending=before)
        raise
