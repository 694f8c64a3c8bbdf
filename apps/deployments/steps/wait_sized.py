"""Waiting until a group has all the instances that it shall have, whether it serves or not."""

from __future__ import annotations

from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.health import judge
from apps.deployments.place import APPEARS_WITHIN, Place, existing, health
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, WHY_MISSING, CloudStep, pause, why_missing
from apps.deployments.steps.end_instance import is_there
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome, Wait


@register
class WaitSized(CloudStep):
    """As many as Auto Scaling wants now; where requests reach the group, healthy in all that send it any.

    `size` is the desired that was set: until AWS shows it, or surely shows another, nothing is judged. `without` is an
    instance that is to have gone first. `checked`: the group's health is known though no requests reach it.
    """

    slug = "wait-sized"
    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, *WHY_MISSING)

    def act(self, context: Context, place: Place) -> Outcome:
        group = existing(context, place, context.params["group"])
        gone, size = context.params.get("without"), context.params["size"]
        if group.desired != size and context.elapsed < APPEARS_WITHIN:
            return Wait(pause(context), f"Waiting until AWS shows the new size of {group.name}.")
        leaving = gone and is_there(group, gone)
        good, says = _healthy(place, group, context.params.get("checked", False))
        if good >= group.desired and not leaving:
            return Done(says)
        trouble = ""
        if len(group.members) < group.desired:
            trouble = why_missing(place, group.name)
        return Wait(pause(context), " ".join(filter(None, [says, f"{gone} is leaving." if leaving else "", trouble])))


def _healthy(place: Place, group: GroupState, checked: bool) -> tuple[int, str]:
    """How many are healthy, and that in a sentence."""
    if checked or guard.reachable(place, group):
        state = judge(group, max(group.desired, 1), health(place, group.registered_with))
        return (state.good if group.desired else 0), state.says
    count = len(group.in_service)
    return count, f"{count} of {group.desired} in service; no requests reach {group.name}."
