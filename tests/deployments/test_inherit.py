"""What the next group inherits, held against AWS's own model of the request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws.models import request_members, shape_members
from apps.cloud.values import GroupExtras, TrafficSource
from apps.deployments import inherit
from apps.deployments.inherit import CARRIED, DESCRIBED, REFUSED, SET_BY_US, foreign_sources, refusals, unclassified
from apps.deployments.preflight import push_findings
from tests.deployments.situations import group, situation


def test_every_member_of_create_auto_scaling_group_is_carried_set_or_refused() -> None:
    assert unclassified() == frozenset()


def test_no_member_is_in_two_lists_and_none_is_invented() -> None:
    members = request_members("autoscaling", "CreateAutoScalingGroup")
    lists = (CARRIED, SET_BY_US, DESCRIBED, frozenset(REFUSED))
    assert sum(map(len, lists)) == len(frozenset().union(*lists))
    assert members >= CARRIED | SET_BY_US
    assert shape_members("autoscaling", inherit.SHAPE) >= DESCRIBED


def test_tags_that_aws_showed_too_late_for_the_plan_are_given_all_the_same() -> None:
    owner, team = ({"Key": key, "Value": "api", "PropagateAtLaunch": True} for key in ("owner", "team"))
    ours = {"Key": "deployconsole:run", "Value": "7"}
    assert inherit.with_tags_of(group(Tags=[owner, team, ours]), [owner]) == [owner, team]
    assert inherit.with_tags_of(None, [owner]) == [owner]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("DesiredCapacityType", "vcpu"),
        ("Operator", {"Managed": True}),
    ],
)
def test_a_group_with_what_cannot_be_carried_is_refused_by_the_members_name(member: str, value: Any) -> None:
    assert [finding.subject for finding in refusals(group(**{member: value}))] == [member]


def test_values_that_mean_nothing_are_no_reason_to_refuse() -> None:
    plain = group(DesiredCapacityType="units", Operator={"Managed": False})
    assert list(refusals(plain)) == []


def test_a_member_that_this_release_does_not_know_refuses_the_push(monkeypatch: pytest.MonkeyPatch) -> None:
    known = request_members("autoscaling", "CreateAutoScalingGroup")
    monkeypatch.setattr(inherit, "request_members", lambda *_: known | {"Gravity"})
    assert [finding.subject for finding in refusals(group(Gravity="low"))] == ["Gravity"]
    assert list(refusals(group())) == []


def test_every_carried_member_with_a_value_is_in_the_request() -> None:
    values: dict[str, Any] = dict.fromkeys(CARRIED, "x")
    values |= {"Tags": [], "TargetGroupARNs": ["x"], "TrafficSources": []}
    made = inherit.parameters(group(**values), GroupExtras())
    # the subnets say the zones, and the group's one target group was attached by the other family of calls
    left_out = {"AvailabilityZones", "AvailabilityZoneIds", "TrafficSources", "LoadBalancerNames"}
    assert set(made) >= CARRIED - left_out


def test_a_source_of_traffic_that_is_no_target_group_is_refused_by_its_name() -> None:
    lattice = "arn:aws:vpc-lattice:us-east-1:1:targetgroup/tg-1"
    stands = group()
    mixed = replace(
        stands, traffic_sources=(*stands.traffic_sources, TrafficSource(lattice, "traffic-source", "vpc-lattice"))
    )
    (finding,) = foreign_sources(mixed)
    assert (finding.level, finding.subject) == ("refuse", "TrafficSources")
    assert f"{lattice}, of type vpc-lattice, sends it traffic" in finding.text
    assert finding in push_findings(situation(mixed))
    assert list(foreign_sources(stands)) == []
