"""Giving a group its weights back after the run that took them has ended."""

from __future__ import annotations

from collections.abc import Collection

from apps.cloud.aws import autoscaling, elbv2_changes
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.naming import cluster_of
from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.drivers.weighted_shown import make_sure
from apps.deployments.health import judge
from apps.deployments.ledger import WEIGHTS, standing
from apps.deployments.place import Place, health, rules
from apps.deployments.steps.size_group import load_of
from apps.deployments.weights import Pairs, reached, shared
from apps.workflows.context import Context
from apps.workflows.counting import instances
from apps.workflows.kinds import repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Failed, Outcome


@repayer(WEIGHTS)
def repay_weights(context: Context, item: Borrowed) -> Outcome:
    """Gives a group its weight again where the other half of a pair has it now, if it can carry what that one has."""
    place, group = standing(context, item)
    if group is None:
        return Done("The group is gone.")
    own: Pairs = item.original["pairs"]
    back = {theirs: ours for ours, theirs in own.items()}
    known = rules(place, [*back, *own])
    sending = reached(known, list(back))
    if not sending or set(reached(known, list(own))) - set(sending):  # some may only be shown as they were
        make_sure(context, group.name)
    change = place.change("traffic_given", group.name, f"{group.name} takes traffic again", after={"given": list(own)})
    if not sending:
        return Done(changes=(change,) if reached(known, list(own)) else ())
    leaving = _behind(place, group, back)
    need = max(group.desired, *map(load_of, leaving), 1)
    state = judge(group, need, health(place, own))
    if not state.whole:
        short = (
            f" It has {instances(group.desired)} and needs {need}: give it that size." if group.desired < need else ""
        )
        return Failed(f"{group.name} cannot carry it, so the traffic stays where it is: {state.says}{short}")
    held = [guard.hold_back(context, place, guard.Loss(each, carried_by=group, load=need)) for each in leaving]
    if any(held):
        return Failed(" ".join(filter(None, held)))
    before = item.original["rules"]
    with changing_calls_before(context.fence):
        for rule in sending:
            elbv2_changes.set_weights(place.target, rule, shared(rule, back, 100, before.get(rule.arn)))
    return Done(changes=(change,))


def _behind(place: Place, group: GroupState, target_groups: Collection[str]) -> list[GroupState]:
    """The other groups of the cluster behind these target groups: they lose what this one is given."""
    found = autoscaling.describe_groups(place.target, prefix=place.cluster)
    others = [each for each in found if cluster_of(each.name) == place.cluster and each.name != group.name]
    return [each for each in others if not each.status and set(each.target_groups) & set(target_groups)]
