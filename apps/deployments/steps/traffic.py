"""Moving traffic: taking a group out of its target groups, and giving them back."""

from __future__ import annotations

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.health import drained, judge, name_of
from apps.deployments.kept import end_kept, reopen_kept
from apps.deployments.ledger import TRAFFIC, missing_sources, sources_to_json
from apps.deployments.steps.base import CloudStep, Place, existing, groups, health, pause
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


def take(context: Context, place: Place, name: str, stays: str) -> Outcome:
    """Detaches a group once the one that stays is wholly healthy by a fresh read; then waits until it is drained."""
    found = groups(place, name, stays)
    group, other = found.get(name), found.get(stays)
    if group is None or group.status:
        return Done(f"{name} is gone")
    if group.traffic_sources:
        refusal = _not_ready(place, group, other, stays)
        if refusal:
            return Wait(pause(context), refusal)
        members = [member.id for member in group.members]
        context.remember(members=members, target_groups=list(group.target_groups))
        original = sources_to_json(group.traffic_sources)
        context.borrow(
            TRAFFIC, place.resource(name), original, says=f"{name} taken out of its target groups", keep=True
        )
        autoscaling.detach(place.target, name, group.traffic_sources)
        return Wait(pause(context), f"0 of {len(members)} instances of {name} are drained.")
    gone, all_of_them = drained(context.memory.get("members", ()), health(place, context.params["target_groups"]))
    if gone < all_of_them:
        delay = context.params.get("drain_seconds")
        upto = f" Requests in flight have up to {delay:g} s (the deregistration delay) to end." if delay else ""
        return Wait(pause(context), f"{gone} of {all_of_them} instances of {name} are drained.{upto}")
    arns = list(context.memory.get("target_groups", ()))
    summary = f"{name} taken out of {', '.join(map(name_of, arns)) or 'no target group'}; {stays} serves"
    change = place.change("traffic_taken", name, summary, before={"target_groups": arns})
    return Done(f"{all_of_them} of {all_of_them} instances drained", changes=(change,) if arns else ())


def give(context: Context, place: Place, name: str) -> Outcome:
    """Attaches what was detached, and waits until every instance in service is healthy in every target group."""
    item = context.owed(TRAFFIC, place.resource(name))
    if item is None:
        return Done(f"{name} was not taken out of traffic")
    group = groups(place, name).get(name)
    if group is None or group.status:
        return Failed(f"{name} is gone, so it cannot take traffic again.")
    missing = missing_sources(group, item)
    if missing:
        autoscaling.attach(place.target, name, missing)
        return Wait(pause(context), f"{name} is being attached to its target groups again.")
    arns = [source["identifier"] for source in item.original if source["type"] == "elbv2"]
    state = judge(group, max(group.desired, 1), health(place, arns))
    if not state.whole:
        return Wait(pause(context), f"Waiting until {name} takes traffic again: {state.says}")
    context.repaid(item)
    change = place.change("traffic_given", name, f"{name} takes traffic again", after={"target_groups": arns})
    return Done(state.says, changes=(change,))


def _not_ready(place: Place, group: GroupState, other: GroupState | None, stays: str) -> str:
    """Why the group cannot leave yet: the one that stays must carry all that Auto Scaling wants for it now."""
    if other is None or other.status:
        return f"{group.name} keeps its traffic, since {stays} is gone."
    state = judge(other, max(group.desired, 1), health(place, group.target_groups))
    return "" if state.whole else f"{group.name} keeps its traffic until {stays} is wholly healthy: {state.says}"


@register
class TakeTraffic(CloudStep):
    slug = "take-traffic"

    def act(self, context: Context, place: Place) -> Outcome:
        return take(context, place, context.params["group"], context.params["stays"])

    def revert(self, context: Context, place: Place) -> Outcome:
        return give(context, place, context.params["group"])


@register
class GiveTraffic(CloudStep):
    """The way back: a group that stood by takes traffic again."""

    slug = "give-traffic"

    def act(self, context: Context, place: Place) -> Outcome:
        outcome = give(context, place, context.params["group"])
        if isinstance(outcome, Done):
            end_kept(existing(place, context.params["group"]).arn)
        return outcome

    def revert(self, context: Context, place: Place) -> Outcome:
        outcome = take(context, place, context.params["group"], context.params["stays"])
        if isinstance(outcome, Done):
            reopen_kept(context.params["arn"])
        return outcome
