"""Weighted target groups: each group has its own, and weights say who serves; a rollback is one call a rule."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling, elbv2_changes
from apps.cloud.values import TrafficSource
from apps.deployments import services
from apps.deployments.drivers.weighted_plan import target_group_name
from apps.workflows.models import Lock
from tests.deployments.lite import carry_on, cloud, service, sizes, until_step
from tests.deployments.situations import group
from tests.deployments.weighting import (
    NEW,
    OLD,
    THIRD,
    attributes,
    done,
    owed,
    push,
    target_groups,
    weighted,
    weights,
)
from tests.world import Service, wait_for

__all__ = ["cloud", "service", "weighted"]


def test_a_push_gives_the_next_group_a_target_group_like_the_old_one_and_all_of_its_weight(weighted: Service) -> None:
    elbv2 = weighted.place.client("elbv2")
    elbv2.add_tags(ResourceArns=[weighted.target_group], Tags=[{"Key": "team", "Value": "api"}])
    elbv2.modify_target_group_attributes(
        TargetGroupArn=weighted.target_group, Attributes=[{"Key": "slow_start.duration_seconds", "Value": "30"}]
    )
    pushed = done(push(weighted))
    assert weights(weighted) == {"api-prod-tg": 0, NEW: 1}
    made = target_groups(weighted)[NEW]
    groups = weighted.groups()
    assert groups[NEW]["TargetGroupARNs"] == [made]
    assert groups[OLD]["TargetGroupARNs"] == [weighted.target_group]  # stands by, attached and checked
    old, new = elbv2.describe_target_groups(TargetGroupArns=[weighted.target_group, made])["TargetGroups"]
    differ = {key for key in old if old[key] != new[key]}
    assert differ == {"TargetGroupArn", "TargetGroupName"}
    assert attributes(elbv2, made) == attributes(elbv2, weighted.target_group)
    (told,) = elbv2.describe_tags(ResourceArns=[made])["TagDescriptions"]
    tags = {tag["Key"]: tag["Value"] for tag in told["Tags"]}
    assert tags == {
        "team": "api",
        "deployconsole:run": str(pushed.run_id),
        "deployconsole:group": NEW,
        "deployconsole:like": "api-prod-tg",
    }
    assert owed() == [("processes", OLD), ("weights", OLD)]
    assert sizes(weighted, NEW) == (1, 2, 4)
    assert services.preview_rollback(pushed.pk).findings == ()


def test_the_new_target_group_is_in_the_rules_at_weight_0_before_its_health_is_read(weighted: Service) -> None:
    pushed = push(weighted, "never_healthy")
    until_step(pushed, "wait-healthy")
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 0}


def test_a_rollback_moves_the_traffic_in_one_call(weighted: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = done(push(weighted))
    calls: list[Any] = []
    real = elbv2_changes.set_weights
    monkeypatch.setattr(elbv2_changes, "set_weights", lambda *args: (calls.append(args), real(*args)))
    back = done(services.rollback(pushed.pk, actor="bob"))
    assert len(calls) == 1
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 0}
    assert sizes(weighted, OLD) == (1, 2, 4)
    assert weighted.groups()[OLD]["SuspendedProcesses"] == []
    assert owed() == [("processes", NEW), ("weights", NEW)]
    assert [step.kind for step in back.run.steps.all()] == [
        "raise-group",
        "release-size",
        "give-traffic",
        "take-traffic",
        "restore-size",
        "keep-group",
    ]


def test_the_second_push_deletes_the_older_group_and_takes_its_target_group_out_of_the_rules(weighted: Service) -> None:
    done(push(weighted))
    done(push(weighted, "1.2.0"))
    assert weights(weighted) == {NEW: 0, THIRD: 1}
    assert set(target_groups(weighted)) == {"api-prod-tg", NEW, THIRD}  # the first was not made by the console
    done(push(weighted, "1.1.0"))
    wait_for(lambda: sorted(weighted.groups()) == [THIRD, "api-prod-v003"], "the older group to be gone")
    assert weights(weighted) == {THIRD: 0, "api-prod-v003": 1}
    assert set(target_groups(weighted)) == {"api-prod-tg", THIRD, "api-prod-v003"}
    assert owed() == [("processes", THIRD), ("weights", THIRD)]


def test_a_push_after_a_rollback_starts_from_the_group_that_serves_again(weighted: Service) -> None:
    pushed = done(push(weighted))
    done(services.rollback(pushed.pk, actor="bob"))
    done(push(weighted, "1.2.0"))
    assert weights(weighted) == {"api-prod-tg": 0, THIRD: 1}
    assert set(target_groups(weighted)) == {"api-prod-tg", THIRD}


@pytest.mark.parametrize(
    "at", ["create-target-groups", "enter-rules", "create-group", "wait-healthy", "take-traffic", "soak"]
)
def test_a_push_cancelled_anywhere_leaves_rules_target_groups_and_ledger_as_they_were(
    at: str, weighted: Service
) -> None:
    before = weights(weighted)
    pushed = push(weighted, soak_seconds=3600)
    until_step(pushed, at, "running", "done")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert sorted(weighted.groups()) == [OLD]
    assert weights(weighted) == before
    assert list(target_groups(weighted)) == ["api-prod-tg"]
    assert owed() == []
    assert weighted.groups()[OLD]["SuspendedProcesses"] == []
    assert not Lock.objects.exists()


@pytest.mark.parametrize(
    ("module", "call"),
    [
        (autoscaling, "update_group"),
        (autoscaling, "suspend"),
        (elbv2_changes, "set_weights"),
        (autoscaling, "resume"),
    ],
)
def test_a_rollback_cancelled_at_any_call_leaves_the_new_group_serving_and_can_be_asked_for_again(
    module: Any, call: str, weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = done(push(weighted))
    back = services.rollback(pushed.pk, actor="bob")
    real, cancelled = getattr(module, call), []

    def cancelling(*args: Any, **more: Any) -> None:
        real(*args, **more)
        if not cancelled:
            cancelled.append(services.cancel(back.pk, actor="bob"))

    monkeypatch.setattr(module, call, cancelling)
    assert carry_on(back).state == "undone", back.run.failure
    assert weights(weighted) == {"api-prod-tg": 0, NEW: 1}
    assert owed() == [("processes", OLD), ("weights", OLD)]
    assert weighted.groups()[NEW]["SuspendedProcesses"] == []
    assert sizes(weighted, OLD) == sizes(weighted, NEW) == (1, 2, 4)
    done(services.rollback(pushed.pk, actor="bob"))
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 0}


def test_a_policy_by_requests_per_target_follows_those_of_the_new_group_s_own_target_group(weighted: Service) -> None:
    scaling = weighted.place.client("autoscaling")
    (balancer,) = weighted.place.client("elbv2").describe_load_balancers()["LoadBalancers"]

    def label(arn: str) -> str:
        return f"{balancer['LoadBalancerArn'].split('loadbalancer/')[1]}/{arn.rsplit(':', 1)[1]}"

    metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label(weighted.target_group)}
    scaling.put_scaling_policy(
        AutoScalingGroupName=OLD,
        PolicyName="requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": metric,
            "TargetValue": 1000.0,
            "DisableScaleIn": True,
        },
    )
    done(push(weighted))
    (policy,) = scaling.describe_policies(AutoScalingGroupName=NEW)["ScalingPolicies"]
    followed = policy["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]
    assert followed == {**metric, "ResourceLabel": label(target_groups(weighted)[NEW])}


def test_names_of_target_groups_are_short_enough_and_stay_apart() -> None:
    serving = group("api-prod-v012", size=1)
    (arn,) = serving.target_groups
    assert target_group_name("api-prod-v013", arn, serving) == "api-prod-v013"
    long = [f"a-very-long-application-name-prod.eu-v{number:03}" for number in (1, 2)]
    made = [target_group_name(name, arn, serving) for name in long]
    assert len({*made}) == 2
    assert all(len(name) <= 32 and re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", name) for name in made)
    several = replace(serving, traffic_sources=(*serving.traffic_sources, TrafficSource("arn:tg/2", "target-group")))
    assert len({target_group_name("api-prod-v013", each, several) for each in several.target_groups}) == 2
