"""Moving traffic: taking a group out of its target groups, and giving them back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.health import drained, judge, name_of
from apps.deployments.kept import end_kept, reopen_kept
from apps.deployments.ledger import SIZE, TRAFFIC, missing_sources, sources_to_json
from apps.deployments.place import Place, existing, find, health
from apps.deployments.steps.base import CloudStep, attempt, pause
from apps.deployments.steps.size_group import lift, load_of
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


def take(context: Context, place: Place, name: str, stays: str, need: int = 1) -> Outcome:
    """Detaches a group once the one that stays is wholly healthy by a fresh read; then waits until it is drained.

    The one that stays is brought to the load of the leaving group, and to `need` instances at least.
    """
    found = find(context, place, name, stays)
    group, other = found.get(name), found.get(stays)
    if group is None or group.status:
        return Done(f"{name} is gone")
    if other is None or other.status:
        return Failed(f"{stays}, which is to carry the traffic, was deleted by somebody else.")
    if group.traffic_sources:
        return _detach(context, place, group, other, need)
    arns = list(context.memory.get("target_groups", ()))
    listed = health(place, {*context.params["target_groups"], *arns})
    gone, all_of_them = drained(context.memory.get("members", ()), listed)
    if gone < all_of_them:
        delay = context.params.get("drain_seconds")
        upto = f" Requests in flight have up to {delay:g} s (the deregistration delay) to end." if delay else ""
        return Wait(pause(context), f"{gone} of {all_of_them} instances of {name} are drained.{upto}")
    summary = f"{name} taken out of {', '.join(map(name_of, arns)) or 'no target group'}; {stays} serves"
    change = place.change("traffic_taken", name, summary, before={"target_groups": arns})
    return Done(f"{all_of_them} of {all_of_them} instances drained", changes=(change,) if arns else ())


def give(context: Context, place: Place, name: str, need: int = 1) -> Outcome:
    """Attaches what was detached, and waits until every instance in service is healthy in every target group.

    The group is brought to `need` instances first, if it has fewer.
    """
    item = context.owed(TRAFFIC, place.resource(name))
    if item is None:
        return Done(f"{name} was not taken out of traffic")
    group = existing(context, place, name)
    lift(context, place, group, need)
    missing = missing_sources(group, item)
    if missing:
        autoscaling.attach(place.target, name, missing)
        return Wait(pause(context), f"{name} is being attached to its target groups again.")
    arns = [source["identifier"] for source in item.original if source["type"] == "elbv2"]
    state = judge(group, max(group.desired, need), health(place, arns))
    if not state.whole:
        return Wait(pause(context), f"Waiting until {name} takes traffic again: {state.says}")
    change = place.change("traffic_given", name, f"{name} takes traffic again", after={"target_groups": arns})
    return Done(state.says, changes=(change,), repaid=(item.pk,))


def _detach(context: Context, place: Place, group: GroupState, other: GroupState, need: int) -> Wait:
    name = group.name
    need = max(need, 1 if _pinned(context, place, name) else load_of(group))
    lift(context, place, other, need)
    state = judge(other, need, health(place, group.target_groups))
    if not state.whole:
        return Wait(pause(context), f"{name} keeps its traffic until {other.name} is wholly healthy: {state.says}")
    _note_traffic(context, place, group)
    members = sorted({*context.memory.get("members", ()), *(member.id for member in group.members)})
    arns = sorted({*context.memory.get("target_groups", ()), *group.target_groups})
    context.remember(members=members, target_groups=arns)
    says = f"0 of {len(members)} instances of {name} are drained."
    return attempt(context, lambda: autoscaling.detach(place.target, name, group.traffic_sources), says)


def _pinned(context: Context, place: Place, name: str) -> bool:
    """Whether a group's size is held by us: then it says nothing of the load."""
    return context.owed(SIZE, place.resource(name)) is not None


def _note_traffic(context: Context, place: Place, group: GroupState) -> None:
    """Enters in the ledger what sends the group traffic now.

    An older entry stands if it names all of that: then part of it was detached or attached already.
    """
    now = sources_to_json(group.traffic_sources)
    owed = context.owed(TRAFFIC, place.resource(group.name))
    if owed and any(source not in owed.original for source in now):
        context.repaid(owed)  # somebody attached the group elsewhere: what was recorded is no longer so
    says = f"{group.name} taken out of its target groups"
    context.borrow(TRAFFIC, place.resource(group.name), now, says=says, keep=True)


@register
class TakeTraffic(CloudStep):
    slug = "take-traffic"
    undo_title = "Give traffic to {group} again, at the present load, and wait until it is wholly healthy"

    def act(self, context: Context, place: Place) -> Outcome:
        return take(context, place, context.params["group"], context.params["stays"])

    def revert(self, context: Context, place: Place) -> Outcome:
        """The old group comes to the load of the new one, unless that has the size it was only started with."""
        name, stays = context.params["group"], context.params["stays"]
        if context.owed(TRAFFIC, place.resource(name)) is None or _pinned(context, place, stays):
            return give(context, place, name)
        serving = find(context, place, stays).get(stays)
        return give(context, place, name, load_of(serving) if serving and not serving.status else 1)


@register
class GiveTraffic(CloudStep):
    """The way back: a group that stood by takes traffic again."""

    slug = "give-traffic"
    undo_title = "Take traffic from {group} again"

    def act(self, context: Context, place: Place) -> Outcome:
        outcome = give(context, place, context.params["group"])
        if isinstance(outcome, Done):
            return replace(outcome, also=(partial(end_kept, context.params["arn"]),))
        return outcome

    def revert(self, context: Context, place: Place) -> Outcome:
        name, stays = context.params["group"], context.params["stays"]
        outcome = take(context, place, name, stays, max(context.facts.get("load", 1), 1))
        if isinstance(outcome, Done):
            return replace(outcome, also=(partial(reopen_kept, context.params["arn"]),))
        return outcome
