"""How many of each there may be: what refuses one more, and DescribeAccountLimits."""

from __future__ import annotations

from apps.localcloud.elbv2.lists import page
from apps.localcloud.elbv2.model import Balancing, LoadBalancer, TargetGroup
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.quotas.model import (
    BALANCER_GROUPS,
    BALANCER_TARGETS,
    GROUP_TARGETS,
    LISTENERS,
    LOAD_BALANCERS,
    QUOTAS,
    RULES,
    TARGET_GROUPS,
    Quota,
    value,
)

PER_ACTION = 5  # target groups of one forward action; nobody gets more


def _check(call: Call, quota: Quota, count: int, code: str, noun: str) -> None:
    most = value(call.cloud, call.account, call.region, quota)
    if count > most:
        raise AwsError(code, f"The maximum number of {noun} has been reached: '{most}'")


def check_balancers(call: Call, state: Balancing) -> None:
    """Raises AwsError when there may not be one more; so do the others below."""
    _check(call, LOAD_BALANCERS, len(state.load_balancers) + 1, "TooManyLoadBalancers", "load balancers")


def check_target_groups(call: Call, state: Balancing) -> None:
    _check(call, TARGET_GROUPS, len(state.target_groups) + 1, "TooManyTargetGroups", "target groups")


def check_listeners(call: Call, balancer: LoadBalancer) -> None:
    noun = f"listeners of load balancer '{balancer.arn}'"
    _check(call, LISTENERS, len(balancer.listeners) + 1, "TooManyListeners", noun)


def check_rules(call: Call, balancer: LoadBalancer) -> None:
    count = sum(len(one.rules) for one in balancer.listeners.values())
    _check(call, RULES, count + 1, "TooManyRules", f"rules of load balancer '{balancer.arn}'")


def check_used_groups(call: Call, state: Balancing, balancer: LoadBalancer, added: set[str]) -> None:
    """Target groups that a balancer's rules may name in all."""
    code = "TooManyUniqueTargetGroupsPerLoadBalancer"
    count = len(state.groups_used_by(balancer) | added)
    _check(call, BALANCER_GROUPS, count, code, f"target groups of load balancer '{balancer.arn}'")


def check_targets(call: Call, state: Balancing, group: TargetGroup, added: set[tuple[str, int]]) -> None:
    new = len(added - group.targets.keys())
    count = len(group.targets) + new
    _check(call, GROUP_TARGETS, count, "TooManyTargets", f"targets of target group '{group.arn}'")
    for arn in state.balancers_of(group.arn):
        used = state.groups_used_by(state.load_balancer(arn))
        count = sum(len(state.target_groups[one].targets) for one in used) + new
        _check(call, BALANCER_TARGETS, count, "TooManyTargets", f"targets of load balancer '{arn}'")


@operation("elbv2", "DescribeAccountLimits")
def describe_account_limits(call: Call) -> Result:
    """The limits of application load balancers, as Service Quotas has them."""
    limits = {
        one.limit: value(call.cloud, call.account, call.region, one)
        for one in QUOTAS.values()
        if one.limit and not one.limit.startswith("classic-")
    }
    limits["target-groups-per-action-on-application-load-balancer"] = PER_ACTION
    shown, marker = page([{"Name": name, "Max": str(most)} for name, most in sorted(limits.items())], call.params)
    return {"Limits": shown, "NextMarker": marker}
