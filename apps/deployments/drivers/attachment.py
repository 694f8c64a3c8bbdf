"""Moving traffic by attaching and detaching groups: both groups share what sends them traffic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.drivers.base import Driver
from apps.deployments.health import drained, healthy_everywhere, judge, name_of
from apps.deployments.ledger import TRAFFIC, missing_sources, sources_to_json
from apps.deployments.place import Place, existing, find, health
from apps.deployments.situation import Situation
from apps.deployments.steps.base import ATTACH, DETACH, READ_GROUPS, READ_HEALTH, READ_RULES, attempt, pause, tell
from apps.deployments.steps.hold import hold
from apps.deployments.steps.size_group import lift, load_of, load_together, pinned, remembered
from apps.deployments.weights import part
from apps.workflows.context import Context
from apps.workflows.counting import are, instances
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Failed, Outcome, Wait


class ByAttachment(Driver):
    """Both groups are attached while they both serve; the share of each follows its healthy instances."""

    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, *ATTACH, *DETACH, "autoscaling:UpdateAutoScalingGroup")
    shares = True
    classic: ClassVar[bool] = False  # whether it is for groups with classic load balancers

    def suits(self, group: GroupState) -> bool:
        return bool(group.classic_load_balancers) == self.classic

    def take_words(self, situation: Situation, group: GroupState, stays: str) -> tuple[str, ...]:
        del situation, stays
        names = ", ".join(map(name_of, group.registered_with))
        return (f"Detach {names} from {group.name}; its instances keep running",)

    def give_words(
        self, situation: Situation, group: GroupState, leaving: GroupState, sources: Iterable[str]
    ) -> tuple[str, ...]:
        del situation, leaving
        return (f"Attach {group.name} to {', '.join(map(name_of, sources))}",)

    def share_words(self, situation: Situation, group: GroupState, takes: str, percent: float) -> tuple[str, ...]:
        del situation, group
        return (
            f"{takes} has {percent:g} % of the load's instances beside all of the old ones: its share follows them",
        )

    def withhold_words(self, serving: GroupState, name: str) -> tuple[str, ...]:
        return (f"Detach {', '.join(map(name_of, serving.registered_with))} from {name}, which has no instance yet",)

    def idle(self, situation: Situation, group: GroupState) -> bool:
        del situation
        return not group.traffic_sources

    def recorded(self, item: Borrowed) -> tuple[str, ...] | None:
        if item.kind != TRAFFIC or any(source["type"] == "elb" for source in item.original) != self.classic:
            return None
        return tuple(source["identifier"] for source in item.original)

    def take(self, context: Context, place: Place, name: str, stays: str, need: int = 1) -> Outcome:
        found = find(context, place, name, stays)
        group, other = found.get(name), found.get(stays)
        if group is None or group.status:
            return Done(f"{name} is gone")
        if other is None or other.status:
            return Failed(f"{stays}, which is to carry the traffic, was deleted by somebody else.")
        if group.traffic_sources:
            return _detach(context, place, group, other, need)
        hold(context, place, group)
        taken = list(context.memory.get("taken_from", ()))
        listed = health(place, {*context.params["sources"], *taken})
        gone, all_of_them = drained(context.memory.get("members", ()), listed)
        if gone < all_of_them:
            delay = context.params.get("drain_seconds")
            upto = f" Requests in flight have up to {delay:g} s (the deregistration delay) to end." if delay else ""
            return Wait(
                pause(context),
                f"{gone} of {instances(all_of_them)} of {name} {are(all_of_them)} drained.{upto}",
            )
        summary = f"{name} taken out of {', '.join(map(name_of, taken)) or 'no target group'}; {stays} serves"
        change = place.change("traffic_taken", name, summary, before={"taken_from": taken})
        return Done(f"{all_of_them} of {instances(all_of_them)} drained", changes=(change,) if taken else ())

    def give(self, context: Context, place: Place, name: str, other: str, need: int = 1) -> Outcome:
        del other  # it keeps its traffic until it is taken
        item = context.owed(TRAFFIC, place.resource(name))
        if item is None:
            return Done(f"{name} was not taken out of traffic")
        group = existing(context, place, name)
        lift(context, place, group, need)
        missing = missing_sources(group, item)
        if missing:
            autoscaling.attach(place.target, name, missing)
            return Wait(pause(context), f"{name} is being attached again to what sent it traffic.")
        given = [source["identifier"] for source in item.original]
        state = judge(group, max(group.desired, need), health(place, given))
        if not state.whole:
            return Wait(pause(context), f"Waiting until {name} takes traffic again: {state.says}")
        change = place.change("traffic_given", name, f"{name} takes traffic again", after={"given": given})
        return Done(state.says, changes=(change,), repaid=(item.pk,))

    def withhold(self, context: Context, place: Place, name: str, stays: str) -> Outcome:
        group, other = existing(context, place, name), existing(context, place, stays)
        context.remember(arn=group.arn)
        taken = sorted({*context.memory.get("taken_from", ()), *group.registered_with})
        summary = f"{name} kept out of {', '.join(map(name_of, taken))}"
        if not group.traffic_sources:
            return Done(f"nothing sends traffic to {name}")
        held = guard.hold_back(context, place, guard.Loss(group, carried_by=other, load=load_of(other)))
        if held:
            return Wait(pause(context), held)
        _note_traffic(context, place, group)
        context.remember(taken_from=taken)
        tell(context, place.change("traffic_taken", name, summary, before={"taken_from": taken}))
        says = f"{summary}, before it has an instance."
        return attempt(context, lambda: autoscaling.detach(place.target, name, group.traffic_sources), says)

    def share(self, context: Context, place: Place, name: str, other: str, percent: float) -> Outcome:
        group, rest = existing(context, place, name), existing(context, place, other)
        need = part(load_of(rest), percent)
        lift(context, place, group, need)
        seen = health(place, self.where(context, name, context.params["sources"]))
        state = judge(group, max(group.desired, need), seen)
        if not state.whole:
            return Wait(pause(context), f"{name} is to carry {percent:g} % of the load: {state.says}")
        ours, theirs = len(healthy_everywhere(group, seen)), len(healthy_everywhere(rest, seen))
        share = 100 * ours / (ours + theirs)
        return Done(f"{instances(ours)} of {name} beside {theirs} of {other}: about {share:.0f} % of the requests")


def _detach(context: Context, place: Place, group: GroupState, other: GroupState, need: int) -> Wait:
    name = group.name
    together = remembered(context, load_together(context, place, other, group))
    need = max(need, 1 if pinned(context, place, name) else load_of(group), together)
    lift(context, place, other, need)
    seen = health(place, group.registered_with)
    state = judge(other, need, seen)
    if not state.whole:
        return Wait(pause(context), f"{name} keeps its traffic until {other.name} is wholly healthy: {state.says}")
    held = guard.hold_back(context, place, guard.Loss(group, carried_by=other, load=need), seen)
    if held:
        return Wait(pause(context), held)
    hold(context, place, group)
    _note_traffic(context, place, group)
    members = sorted({*context.memory.get("members", ()), *(member.id for member in group.members)})
    taken = sorted({*context.memory.get("taken_from", ()), *group.registered_with})
    context.remember(members=members, taken_from=taken)
    says = f"0 of {instances(len(members))} of {name} {are(len(members))} drained."
    return attempt(context, lambda: autoscaling.detach(place.target, name, group.traffic_sources), says)


def _note_traffic(context: Context, place: Place, group: GroupState) -> None:
    """Enters in the ledger what sends the group traffic now.

    An older entry stands if it names all of that: then part of it was detached or attached already.
    """
    now = sources_to_json(group.traffic_sources)
    owed = context.owed(TRAFFIC, place.resource(group.name))
    if owed and any(source not in owed.original for source in now):
        context.repaid(owed)  # somebody attached the group elsewhere: what was recorded is no longer so
    says = f"{group.name} taken out of what sends it traffic"
    context.borrow(TRAFFIC, place.resource(group.name), now, says=says, keep=True)
