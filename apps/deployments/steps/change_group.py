"""Setting members of a group, and only those that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.health import healthy_everywhere
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, existing, find, health
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, CloudStep, pause, sent, tell
from apps.deployments.steps.end_instance import CLOCK, end, is_ending
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait

MIN, DESIRED, MAX = "MinSize", "DesiredCapacity", "MaxSize"


@register
class ChangeGroup(CloudStep):
    """Members in AWS's own names. A group that gets smaller does so only as far as the traffic guard lets it.

    Its undo puts back what nobody else has set to something else. Of a group that was made larger those instances go
    again that were launched since.
    """

    slug = "change-group"
    calls = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
    )
    clocks = CloudStep.clocks | {CLOCK}
    undo_title = "Set {group} as it was"

    def act(self, context: Context, place: Place) -> Outcome:
        group, members = existing(context, place, context.params["group"]), context.params["members"]
        theirs = _theirs(context, group)
        if theirs:
            was = context.memory.get("before") is not None
            return Done(f"{theirs} It is left so.") if was else Failed(f"{theirs} Look, then ask again.")
        held = _held_back(context, place, group, members)
        if held:
            return Wait(pause(context), held)
        if context.memory.get("before") is None:
            present = [member.id for member in group.members]
            context.remember(before=_now(group, members), present=present)
        before = context.memory["before"]
        tell(context, _change(place, group.name, before, members))
        sent(context, lambda: autoscaling.set_members(place.target, group.name, members), before=None)
        return Done()

    def revert(self, context: Context, place: Place) -> Outcome:
        name, before = context.params["group"], context.memory.get("before")
        group = find(context, place, name).get(name)
        if before is None or group is None or group.status:
            return Done("nothing was changed" if before is None else f"{name} is gone")
        back = _going_back(context, group, before)
        if DESIRED in back and back[DESIRED] < context.params["members"][DESIRED]:
            fewer = self._fewer(context, place, group, back)
            if fewer:
                return fewer
        held = _held_back(context, place, group, back)
        if held:
            return Wait(pause(context), held)
        if not back:
            return Done(f"{name} was set to something else by somebody else; it is left so")
        tell(context, _change(place, name, context.params["members"], back))
        autoscaling.set_members(place.target, name, back)
        return Done()

    def _fewer(self, context: Context, place: Place, group: GroupState, back: dict[str, Any]) -> Wait | None:
        """Ends what was launched since, so that Auto Scaling does not choose what serves; None once none is left.

        Raises LookAgain while AWS may only be late to show what was launched.
        """
        late = group.desired <= back[DESIRED] or len(group.members) < group.desired
        if late and not context.memory.get("ending") and context.elapsed < APPEARS_WITHIN:
            raise LookAgain(f"Looking which instances {group.name} launched meanwhile.")
        new = [member for member in group.members if member.id not in context.memory["present"]]
        new.sort(key=lambda member: (member.in_service, member.id))
        going = [member.id for member in new if is_ending(context, group, member.id)]
        if going:
            return Wait(
                pause(context), f"{', '.join(going)} of {group.name}, launched meanwhile, is being ended again."
            )
        if not new or group.desired <= back[DESIRED]:
            return None
        if group.min_size > back.get(MIN, group.min_size):
            autoscaling.set_members(place.target, group.name, {MIN: back[MIN]})
        one, beside = new[0].id, _other(context, place)
        load = max(back[DESIRED], 1) + (beside.desired if beside else 0)
        held = guard.hold_back(context, place, guard.Loss(group, frozenset({one}), carried_by=beside, load=load))
        if held:
            return Wait(pause(context), held)
        words = f"{one} of {group.name}, launched meanwhile, ended again"
        tell(context, place.change("instance_terminated", group.name, words, before={"instance": one}))
        end(context, place, one, shrink=True)
        return Wait(pause(context), f"{one} of {group.name}, launched meanwhile, is being ended again.")


def _going_back(context: Context, group: GroupState, before: Mapping[str, Any]) -> dict[str, Any]:
    """What goes back: all that nobody else has set to something else. A desired that we lower step by step is ours.

    Sizes stay in order with what stays.
    """
    back = {}
    for member, ours in context.params["members"].items():
        now, then = group.raw.get(member), before[member]
        lowering = member == DESIRED and context.memory.get("ending") and then <= now <= ours
        if now in (then, ours) or lowering:
            back[member] = then
    if MIN in back:
        back[MIN] = min(back[MIN], back.get(MAX, group.max_size))
    if DESIRED in back:
        back[DESIRED] = max(back[DESIRED], back.get(MIN, group.min_size))
    if MAX in back:
        back[MAX] = max(back[MAX], back.get(DESIRED, group.desired), back.get(MIN, group.min_size))
    return back


def _theirs(context: Context, group: GroupState) -> str:
    """What somebody else, or the group's own scaling, set since the plan was made, in a sentence."""
    was, members = context.params["was"], context.params["members"]
    found = [
        f"{member} of {group.name} is {group.raw.get(member)} by now, and was {was[member]}."
        for member in members
        if group.raw.get(member) not in (was[member], members[member])
    ]
    return " ".join(found)


def _now(group: GroupState, members: Iterable[str]) -> dict[str, Any]:
    return {member: group.raw.get(member) for member in members}


def _other(context: Context, place: Place) -> GroupState | None:
    """The group that has the same traffic beside this one, if the plan names one."""
    name = context.params.get("other")
    return find(context, place, name).get(name) if name else None


def _held_back(context: Context, place: Place, group: GroupState, members: Mapping[str, Any]) -> str:
    """Why a group that would get smaller has to wait; AWS brings desired between min and max by itself."""
    top, low = members.get(MAX, group.max_size), members.get(MIN, group.min_size)
    desired = max(low, min(top, members.get(DESIRED, group.desired)))
    sick = _replaced(place, group, members)
    if desired >= group.desired and not sick:
        return ""
    beside, keeps = _other(context, place), desired if desired < group.desired else None
    load = (desired or group.desired) + (beside.desired if beside else 0)
    return guard.hold_back(context, place, guard.Loss(group, sick, keeps, beside, load))


def _replaced(place: Place, group: GroupState, members: Mapping[str, Any]) -> frozenset[str]:
    """What Auto Scaling will replace once it heeds the load balancers, too: what they do not all call healthy."""
    if members.get("HealthCheckType") != "ELB" or not group.registered_with:
        return frozenset()
    seen = health(place, group.registered_with)
    return frozenset(member.id for member in group.in_service) - healthy_everywhere(group, seen)


def _change(place: Place, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    words = [f"{member} {before.get(member)} → {value}" for member, value in after.items()]
    return place.change(
        "changed", name, f"{name}: {', '.join(words)}", {key: before.get(key) for key in after}, dict(after)
    )
