"""Waiting until every instance of a group is in service, and healthy wherever it serves or will serve."""

from __future__ import annotations

from apps.cloud.values import GroupState
from apps.deployments import drivers
from apps.deployments.health import judge
from apps.deployments.place import Place, find, standing
from apps.deployments.steps.base import QUICK, READ_GROUPS, WHY_MISSING, pause, why_missing
from apps.deployments.steps.by_driver import DriverStep
from apps.deployments.steps.size_group import lift, load_by_parts, load_of, load_together, remembered
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome, Wait


@register
class WaitHealthy(DriverStep):
    """Its end may follow from what others have just read: who then moves traffic, asks AWS afresh whether it is so."""

    slug = "wait-healthy"
    calls = (*READ_GROUPS, *WHY_MISSING, "autoscaling:UpdateAutoScalingGroup")
    shares = "end"

    def act(self, context: Context, place: Place) -> Outcome:
        name, other = context.params["group"], context.params["as"]
        found = find(context, place, name, other)
        group = standing(found, name)
        load, wanted = self._wanted(context, place, group, found.get(other))
        lift(context, place, group, wanted)  # the load grew meanwhile
        seen = drivers.of(context).health(context, place, name, context.params["sources"])
        state = judge(group, wanted, seen)
        if state.whole:
            facts = {"load": max(load, context.facts.get("load", 0))} if load else {}
            return Done(state.says, facts)
        if state.sick and state.sick != context.memory.get("sick"):
            context.remember(sick=state.sick)
        trouble = "" if group.desired <= len(group.members) else why_missing(place, name)
        before = f"Before: {context.memory['sick']}." if "sick" in context.memory and not state.sick else ""
        soon = QUICK if len(group.in_service) >= wanted else pause(context)  # only health checks are outstanding
        return Wait(soon, " ".join(part for part in (state.says, before, trouble) if part))

    def _wanted(self, context: Context, place: Place, group: GroupState, serving: GroupState | None) -> tuple[int, int]:
        """The load that both groups share (0: nothing tells), and how many instances the group is to have."""
        at_least: int = context.params["at_least"]
        if serving is None or serving.status:
            return 0, at_least
        now = max(load_by_parts(context, group, serving), load_together(context, place, group, serving))
        load = remembered(context, now)
        return load, max(at_least, load_of(serving), load)
