"""Waiting until every instance of a group is in service, and healthy in every target group it serves."""

from __future__ import annotations

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.health import capacity_trouble, judge
from apps.deployments.steps.base import CloudStep, Place, groups, health, pause
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class WaitHealthy(CloudStep):
    slug = "wait-healthy"

    def act(self, context: Context, place: Place) -> Outcome:
        name, other = context.params["group"], context.params["as"]
        found = groups(place, name, other)
        group = found.get(name)
        if group is None or group.status:
            return Failed(f"{name} was deleted by somebody else.")
        wanted = self._wanted(context, found.get(other))
        if wanted > group.desired:  # the load grew meanwhile
            top = max(wanted, group.max_size)
            autoscaling.update_group(place.target, name, min_size=wanted, max_size=top, desired=wanted)
        state = judge(group, wanted, health(place, context.params["target_groups"]))
        if state.whole:
            return Done(state.says)
        if state.sick and state.sick != context.memory.get("sick"):
            context.remember(sick=state.sick)
        trouble = "" if group.desired <= len(group.members) else self._trouble(place, name)
        before = f"Before: {context.memory['sick']}." if "sick" in context.memory and not state.sick else ""
        return Wait(pause(context), " ".join(part for part in (state.says, before, trouble) if part))

    def _wanted(self, context: Context, serving: GroupState | None) -> int:
        at_least: int = context.params["at_least"]
        return max(at_least, len(serving.in_service) if serving else 0)

    def _trouble(self, place: Place, name: str) -> str:
        trouble = capacity_trouble(autoscaling.describe_activities(place.target, name, 1))
        return f"AWS says: {trouble}" if trouble else ""
