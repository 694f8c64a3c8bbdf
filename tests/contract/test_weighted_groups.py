"""Weighted target groups: who is checked, where traffic goes, and what is kept."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _actions(*weighted: tuple[str, int], seconds: int = 0) -> list[dict[str, Any]]:
    config: dict[str, Any] = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weighted]}
    if seconds:
        config["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": seconds}
    return [{"Type": "forward", "ForwardConfig": config}]


def _serving(stack: Stack, version: str) -> str:
    """A target group with one instance of `version`, which is in no rule yet."""
    arn = stack.target_group()
    name = stack.group(stack.template(version), 1, TargetGroupARNs=[arn])
    stack.in_service(name, 1)
    return arn


def test_a_group_of_weight_0_is_checked_and_takes_traffic_when_its_weight_rises(stack: Stack) -> None:
    """ELB user guide, "Health checks": performed on all targets of a group that a rule specifies, of any weight."""
    old, new = _serving(stack, "1"), _serving(stack, "2")
    assert set(stack.target_states(new).values()) == {"unused"}
    balancer = stack.balancer()
    listener = stack.listener(old, balancer=balancer)
    stack.elb.modify_listener(ListenerArn=listener, DefaultActions=_actions((old, 100), (new, 0)))
    stack.healthy(old, 1)
    stack.healthy(new, 1)

    def answers(count: int) -> set[str]:
        found = set()
        for _ in range(count):
            with urllib.request.urlopen(f"http://{balancer['DNSName']}:8000/", timeout=10) as response:
                found.add(response.read().decode())
        return found

    assert answers(10) == {"1"}
    stack.elb.modify_listener(ListenerArn=listener, DefaultActions=_actions((old, 50), (new, 50)))
    stack.eventually(lambda: answers(10) == {"1", "2"}, "both to answer")
    stack.elb.modify_listener(ListenerArn=listener, DefaultActions=_actions((old, 0), (new, 100)))
    stack.eventually(lambda: answers(10) == {"2"}, "the new one alone to answer")
    assert set(stack.target_states(old).values()) == {"healthy"}, "weight 0 does not end its health checks"


@pytest.mark.shape
def test_rules_and_listeners_keep_their_stickiness(stack: Stack) -> None:
    """API reference, ForwardActionConfig: TargetGroupStickinessConfig."""
    one, other = stack.target_group(), stack.target_group()
    listener = stack.listener(one)
    given = _actions((one, 90), (other, 10), seconds=60)
    told = stack.elb.modify_listener(ListenerArn=listener, DefaultActions=given)["Listeners"][0]
    assert told["DefaultActions"][0]["ForwardConfig"] == given[0]["ForwardConfig"]
    assert "TargetGroupArn" not in told["DefaultActions"][0]
    rule = stack.elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/x"]}],
        Actions=_actions((one, 1), (other, 0)),
    )["Rules"][0]
    assert rule["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": False}
    stack.elb.modify_rule(RuleArn=rule["RuleArn"], Actions=given)
    kept = stack.elb.describe_rules(RuleArns=[rule["RuleArn"]])["Rules"][0]
    assert kept["Actions"][0]["ForwardConfig"] == given[0]["ForwardConfig"]
    bad = _actions((one, 1), seconds=604_801)
    assert refused(stack.elb.modify_rule, RuleArn=rule["RuleArn"], Actions=bad) == "ValidationError"


@pytest.mark.shape
def test_a_target_group_is_made_once_carries_tags_and_stays_while_a_rule_names_it(stack: Stack) -> None:
    """API reference: DuplicateTargetGroupName, Tags, ResourceInUse (also of weight 0)."""
    name, create = stack.name(), stack.elb.create_target_group
    wanted = {"Name": name, "Protocol": "HTTP", "Port": 8080, "VpcId": stack.vpc}
    arn = create(**wanted, Tags=[{"Key": "group", "Value": "web-v001"}])["TargetGroups"][0]["TargetGroupArn"]
    assert create(**wanted)["TargetGroups"][0]["TargetGroupArn"] == arn
    assert refused(create, **{**wanted, "Port": 8081}) == "DuplicateTargetGroupName"
    told = stack.elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    assert told == [{"Key": "group", "Value": "web-v001"}]
    other = stack.target_group()
    listener = stack.listener(other)
    stack.elb.modify_listener(ListenerArn=listener, DefaultActions=_actions((other, 1), (arn, 0)))
    assert refused(stack.elb.delete_target_group, TargetGroupArn=arn) == "ResourceInUse"
    stack.elb.modify_listener(ListenerArn=listener, DefaultActions=_actions((other, 1)))
    stack.elb.delete_target_group(TargetGroupArn=arn)


@pytest.mark.shape
def test_account_limits_are_told_by_name(stack: Stack) -> None:
    """API reference, Limit: Name, Max."""
    limits = {one["Name"]: int(one["Max"]) for one in stack.elb.describe_account_limits()["Limits"]}
    assert limits["target-groups-per-action-on-application-load-balancer"] == 5
    assert {"target-groups", "rules-per-application-load-balancer", "application-load-balancers"} <= limits.keys()
