"""Replacing one instance that a person named: another is in service and healthy first, then the one named is ended."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from apps.cloud.values import GroupState, MemberState
from apps.deployments import guard
from apps.deployments.health import judge
from apps.deployments.place import Place, health
from apps.deployments.replacement import Act, Healthy, back_from_one, next_for_one
from apps.deployments.steps.base import pause
from apps.deployments.steps.surge import Surging
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait

ROUNDS = 2  # its end, and what is to be done then


@register
class ReplaceInstance(Surging):
    """Ends when another serves and the instance is on its way out. Its undo ends what was launched in its place."""

    slug = "replace-instance"
    undo_title = "End what was launched for it, so that {group} has its size again"

    def act(self, context: Context, place: Place) -> Outcome:
        return self.turn(context, place, partial(self._decide, context), ROUNDS)

    def _decide(self, context: Context, group: GroupState, healthy: Healthy, surge: int) -> Act:
        if "stood" not in context.memory:  # who is not among them was launched since
            context.remember(stood=[member.id for member in group.members])
        return next_for_one(group, healthy, surge, instance=context.params["instance"], stood=_stood(context))

    def revert(self, context: Context, place: Place) -> Outcome:
        if context.memory.get("sizing") is None:
            return Done("nothing was changed")
        if "returning" not in context.memory:  # another clock runs now
            context.remember(returning=True, ending_at=None, sizing_at=None)
        outcome = self.turn(context, place, partial(back_from_one, stood=_stood(context)), ROUNDS)
        instance = context.params["instance"]
        if isinstance(outcome, Done) and instance in context.memory.get("ended", ()):
            return Failed(f"{instance} was ended, which nothing brings back; another took its place.")
        return outcome

    def healthy(self, place: Place, group: GroupState) -> Healthy:
        """Where no requests reach the group, those in service."""
        if guard.reachable(place, group):
            return super().healthy(place, group)
        ids = {member.id for member in group.in_service}
        return Healthy(ids, ids)

    def ends(self, context: Context, place: Place, group: GroupState, member: MemberState) -> Change:
        then = "another serves in its place"
        if "returning" in context.memory:
            then = f"it was launched in place of {context.params['instance']}, which stays"
        words = f"{member.id} of {group.name} ended; {then}"
        return place.change("instance_replaced", group.name, words, before={"instance": member.id})

    def looks_on(self, context: Context, place: Place, group: GroupState) -> Outcome:
        if guard.reachable(place, group):
            says = judge(group, max(group.desired, 1), health(place, group.registered_with)).says
        else:
            says = f"{len(group.in_service)} of {group.desired} in service; no requests reach {group.name}."
        return Wait(pause(context), f"{context.params['instance']} stays until another is healthy: {says}")

    def goes_on(self, context: Context) -> str:
        return f"{context.memory['ended'][-1]} of {context.params['group']} is being ended."

    def is_done(self, context: Context, group: GroupState) -> str:
        instance = context.params["instance"]
        if "returning" in context.memory:
            return f"{group.name} has its size again"
        if instance in context.memory.get("ended", ()):
            return f"another serves in place of {instance}"
        return f"{instance} left by itself; Auto Scaling sees to another"


def _stood(context: Context) -> Collection[str]:
    return frozenset(context.memory.get("stood", ()))
