"""Target groups of each group's own, side by side in the same rules: any part of the traffic moves by their weights.

The next group's target groups enter the rules at weight 0, so that they are checked before anything is sent to them.
A group that stands by stays attached, checked and at weight 0: the way back is one call a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from apps.cloud.aws import autoscaling, elbv2_changes
from apps.cloud.values import GroupState, RuleState, TrafficSource
from apps.deployments import guard
from apps.deployments.drivers import weighted_plan, weighted_shown
from apps.deployments.drivers.base import Driver, Where, register
from apps.deployments.drivers.weighted_shown import make_sure, moved_by_us, nowhere
from apps.deployments.errors import Finding
from apps.deployments.health import judge, name_of
from apps.deployments.ledger import WEIGHTS
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, existing, find, health, rules
from apps.deployments.situation import Situation
from apps.deployments.steps.base import CHANGE_RULES, READ_GROUPS, READ_HEALTH, READ_RULES, attempt, pause
from apps.deployments.steps.hold import hold
from apps.deployments.steps.size_group import demand, keep_min, lift, load_by_parts, load_of, remembered
from apps.deployments.weights import Pairs, Weights, as_before, part, reached, shared, weights_of
from apps.workflows.context import Context
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Failed, Outcome, PlannedStep, Wait

DRAIN_LOOK = 5.0  # seconds between looks while requests in flight end: the rules are read at each


@register
class WeightedTargetGroups(Driver):
    slug = "weighted-target-groups"
    title = "Weighted target groups"
    summary = "Each group has target groups of its own in the same rules; traffic moves by their weights."
    exact = True
    shares = True
    calls = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        *CHANGE_RULES,
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:UpdateAutoScalingGroup",
    )
    borrows = WEIGHTS

    def findings(self, situation: Situation, serving: GroupState) -> Iterator[Finding]:
        yield from weighted_plan.findings(situation, serving)

    def prepare(self, place: Where, situation: Situation, serving: GroupState, name: str) -> Iterator[PlannedStep]:
        yield from weighted_plan.prepare(place, situation, serving, name)

    def take_words(self, situation: Situation, group: GroupState, stays: str) -> tuple[str, ...]:
        return weighted_plan.moves(situation, group.target_groups, f"all of {group.name}'s weight to {stays}")

    def give_words(
        self, situation: Situation, group: GroupState, leaving: GroupState, sources: Iterable[str]
    ) -> tuple[str, ...]:
        return weighted_plan.moves(situation, leaving.target_groups, f"all of {leaving.name}'s weight to {group.name}")

    def share_words(self, situation: Situation, group: GroupState, takes: str, percent: float) -> tuple[str, ...]:
        return weighted_plan.moves(situation, group.target_groups, f"{percent:g} % of the weight to {takes}")

    def withhold_words(self, serving: GroupState, name: str) -> tuple[str, ...]:
        return ()  # its target groups were entered at weight 0

    def idle(self, situation: Situation, group: GroupState) -> bool:
        return not group.classic_load_balancers and not reached(situation.rules, group.target_groups)

    def recorded(self, item: Borrowed) -> tuple[str, ...] | None:
        return tuple(item.original["pairs"]) if item.kind == WEIGHTS else None

    def parameters(self, context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
        pairs = context.facts["target_groups"]
        arns = [pairs.get(arn, arn) for arn in given.get("TargetGroupARNs", ())]
        sources = [
            {**source, "Identifier": pairs.get(source["Identifier"], source["Identifier"])}
            for source in given.get("TrafficSources", ())
        ]
        own = {"TargetGroupARNs": arns, "TrafficSources": sources}
        return {**given, **{member: value for member, value in own.items() if value}}

    def where(self, context: Context, name: str, sources: Iterable[str]) -> tuple[str, ...]:
        pairs = context.facts.get("target_groups", {})
        return tuple(pairs.get(source, source) for source in sources)

    def take(self, context: Context, place: Place, name: str, stays: str, need: int = 1) -> Outcome:
        found = find(context, place, name, stays)
        group, other = found.get(name), found.get(stays)
        if group is None or group.status:
            return Done(f"{name} is gone")
        if other is None or other.status:
            return Failed(f"{stays}, which is to carry the traffic, was deleted by somebody else.")
        pairs = _pairs(context, group, other)
        known = rules(place, pairs)
        if not reached(known, list(pairs)):
            return _sent_nothing(context, place, group, stays, pairs)
        grown = remembered(context, load_by_parts(context, other, group))
        need = max(need, demand(context, place, group), grown)
        lift(context, place, other, need)
        state = judge(other, need, health(place, pairs.values()))
        if not state.whole:
            return Wait(pause(context), f"{name} keeps its traffic until {stays} is wholly healthy: {state.says}")
        held = guard.hold_back(context, place, guard.Loss(group, carried_by=other, load=need))
        if held:
            return Wait(pause(context), held)
        hold(context, place, group)
        return _move(context, place, name, stays, pairs, known)

    def give(self, context: Context, place: Place, name: str, other: str, need: int = 1) -> Outcome:
        item = context.owed(WEIGHTS, place.resource(name))
        if item is None:
            return Done(f"{name} was not taken out of traffic")
        group = existing(context, place, name)
        lift(context, place, group, need)
        own: Pairs = item.original["pairs"]
        missing = [TrafficSource(arn, "target-group") for arn in own if arn not in group.target_groups]
        if missing:
            autoscaling.attach(place.target, name, missing)
            return Wait(pause(context), f"{name} is being attached to its target groups again.")
        back = {theirs: ours for ours, theirs in own.items()}
        state = judge(group, max(group.desired, need), health(place, own))
        if not state.whole:
            if context.elapsed >= weighted_shown.NOWHERE_AFTER and not reached(
                rules(place, [*back, *own]), [*back, *own]
            ):
                return nowhere(context, name, other)  # nothing checks what is in no rule
            return Wait(pause(context), f"{name} takes traffic again once it is wholly healthy: {state.says}")
        known = rules(place, [*back, *own])
        if reached(known, list(back)):
            leaving = find(context, place, other).get(other)
            loss = guard.Loss(leaving, carried_by=group, load=max(group.desired, need)) if leaving else None
            held = guard.hold_back(context, place, loss) if loss else ""
            return Wait(pause(context), held) if held else _move(context, place, other, name, back, known)
        sending = reached(known, list(own))
        if not sending:
            return nowhere(context, name, other)
        if not moved_by_us(context, sending, name):
            make_sure(context, name)
        change = place.change("traffic_given", name, f"{name} takes traffic again", after={"given": list(own)})
        return Done(state.says, changes=(change,), repaid=(item.pk,))

    def put_back(self, context: Context, place: Place, name: str, other: str) -> Outcome:
        item = context.owed(WEIGHTS, place.resource(name))
        if item is None:
            return Done(f"{name} was not taken out of traffic")
        group, own, before = existing(context, place, name), item.original["pairs"], item.original["rules"]
        state = judge(group, max(group.desired, 1), health(place, own))
        if not state.whole:
            return Wait(pause(context), f"{name} takes its part again once it is wholly healthy: {state.says}")
        known = [rule for rule in rules(place, [*own, *own.values()]) if rule.arn in before]
        wanted = {rule.arn: as_before(rule, own, before[rule.arn]) for rule in known}
        changed = [rule for rule in known if wanted[rule.arn] != weights_of(rule)]
        if changed:
            return attempt(
                context, lambda: _set(context, place, changed, wanted, name), f"{name} gets its part of the traffic."
            )
        if not moved_by_us(context, known, name):
            make_sure(context, name)
        change = place.change("traffic_given", name, f"{name} has its part of the traffic again", after=wanted)
        return Done(state.says, changes=(change,), repaid=(item.pk,))

    def withhold(self, context: Context, place: Place, name: str, stays: str) -> Outcome:
        group = existing(context, place, name)
        context.remember(arn=group.arn)
        pairs = _pairs(context, group, existing(context, place, stays))
        known = [rule for rule in rules(place, pairs.values()) if weights_of(rule).keys() & pairs.keys()]
        names = ", ".join(map(name_of, pairs))
        if not known and context.elapsed < APPEARS_WITHIN:
            raise LookAgain(f"Waiting until the rules are shown with {names}.")
        if not known or reached(known, list(pairs)):
            return Failed(f"The rules no longer have {names} at weight 0: somebody changed them.")
        _noted(context, place, name, pairs, known)
        return Done(f"{name} stands in the rules at weight 0")

    def share(self, context: Context, place: Place, name: str, other: str, percent: float) -> Outcome:
        group, rest = existing(context, place, name), existing(context, place, other)
        load = remembered(context, max(load_of(rest), load_by_parts(context, group, rest)))
        need = part(load, percent)
        lift(context, place, group, need)
        pairs = _pairs(context, rest, group)
        state = judge(group, max(group.desired, need), health(place, pairs.values()))
        if not state.whole:
            says = f"{name} takes {percent:g} % of the traffic once it is wholly healthy: {state.says}"
            return Wait(pause(context), says)
        sending = reached(rules(place, pairs), [*pairs, *pairs.values()])
        if not sending:
            return nowhere(context, name, other)
        if any(shared(rule, pairs, percent) != weights_of(rule) for rule in sending):
            held = guard.hold_back(context, place, guard.Loss(rest, carried_by=group, load=need))
            if held:
                return Wait(pause(context), held)
            keep_min(context, place, rest)  # it may get all of it back
            return _move(context, place, other, name, pairs, sending, percent)
        says = f"{name} has {percent:g} % of the traffic of {other}"
        weights = {rule.arn: weights_of(rule) for rule in sending}
        change = place.change("traffic_shared", name, says, after={"percent": percent, "weights": weights})
        return Done(says, {"share": percent, "load": load}, (change,))


def _set(
    context: Context, place: Place, changed: Iterable[RuleState], wanted: Mapping[str, Weights], takes: str
) -> None:
    for rule in changed:
        elbv2_changes.set_weights(place.target, rule, wanted[rule.arn])
        context.remember(moved_to={**(context.memory.get("moved_to") or {}), rule.arn: takes})


def _pairs(context: Context, group: GroupState, other: GroupState) -> Pairs:
    """Which target group of `other` stands for which of `group`, as the plan or the step that made them says."""
    known: Pairs = context.params.get("pairs") or context.facts.get("target_groups", {})
    inverse = {theirs: ours for ours, theirs in known.items()}
    ours = known.keys() & set(group.target_groups) or inverse.keys() & set(other.target_groups)
    return known if ours else inverse


def _move(
    context: Context,
    place: Place,
    leaving: str,
    takes: str,
    pairs: Pairs,
    known: Sequence[RuleState],
    percent: float = 100,
) -> Wait:
    """Moves weight from the first to the second half of each pair, one call a rule, entered in the ledger before."""
    noted = _noted(context, place, leaving, pairs, known)
    before = (context.owed(WEIGHTS, place.resource(takes)) or noted).original["rules"]

    def call() -> None:
        for rule in known:
            weights = shared(rule, pairs, percent, before.get(rule.arn))
            if weights != weights_of(rule):
                elbv2_changes.set_weights(place.target, rule, weights)
                context.remember(moved_to={**(context.memory.get("moved_to") or {}), rule.arn: takes})

    return attempt(context, call, f"{percent:g} % of the traffic of {leaving} goes to {takes} now.")


def _noted(context: Context, place: Place, name: str, pairs: Pairs, known: Sequence[RuleState]) -> Borrowed:
    """What is owed to a group: the weights of every rule that names it, also of one shown as if it had none there."""
    owed = context.owed(WEIGHTS, place.resource(name))
    if owed and owed.original["pairs"] != dict(pairs):
        context.repaid(owed)  # somebody gave it traffic elsewhere since: what was recorded is no longer so
    now = {"pairs": dict(pairs), "rules": {rule.arn: weights_of(rule) for rule in known}}
    says = f"weights of {', '.join(map(name_of, pairs))} changed"
    return context.borrow(WEIGHTS, place.resource(name), now, says=says, keep=True)


def _sent_nothing(context: Context, place: Place, group: GroupState, stays: str, pairs: Pairs) -> Outcome:
    """No rule is shown that sends anything to the group. Raises LookAgain while that proves nothing."""
    sending = reached(rules(place, pairs.values()), list(pairs.values()))
    if not sending:
        return nowhere(context, stays, group.name)
    if not moved_by_us(context, sending, stays):  # it had its weight when this was planned, or a moment ago
        make_sure(context, stays)
    hold(context, place, group)
    return _drained(context, place, group.name, stays, pairs)


def _drained(context: Context, place: Place, name: str, stays: str, pairs: Pairs) -> Outcome:
    """Nothing new is sent to the group: what this run took from it, has its time to end requests in flight."""
    item = context.owed(WEIGHTS, place.resource(name))
    ours = item is not None and item.run_id == context.run_id
    delay = float(context.params.get("drain_seconds", 0)) if ours else 0.0
    if context.memory.get("at_zero") is None:
        context.remember(at_zero=context.elapsed)
    left = delay - (context.elapsed - context.memory["at_zero"])
    if left > 0:
        says = f"{name} has weight 0. Requests in flight have {left:.0f} s more (the deregistration delay) to end."
        return Wait(min(left, DRAIN_LOOK), says)
    back = context.owed(WEIGHTS, place.resource(stays))
    names = ", ".join(map(name_of, pairs))
    change = place.change("traffic_taken", name, f"{names} of {name} at weight 0; {stays} serves", before=_before(item))
    return Done(
        f"{name} has weight 0 and stands by, checked",
        changes=(change,) if ours else (),
        repaid=(back.pk,) if back else (),
    )


def _before(item: Borrowed | None) -> dict[str, Any]:
    return {"weights": item.original["rules"]} if item else {}
