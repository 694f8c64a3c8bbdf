"""What AWS does not show yet is waited for; only what is certain is acted upon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling
from apps.cloud.errors import NotFound
from apps.cloud.values import GroupState, RuleState, Target
from apps.deployments import services
from apps.deployments.drivers import weighted_target_groups
from apps.deployments.place import Place
from apps.deployments.steps import create_group, size_group
from tests.deployments.lite import attached, carry_on, cloud, service, until_step, until_waiting
from tests.deployments.test_push import request
from tests.deployments.weighting import weighted, weights
from tests.world import Service

__all__ = ["cloud", "service", "weighted"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def unknown(times: int) -> Any:
    """UpdateAutoScalingGroup that does not know the group for the first calls."""
    real, left = autoscaling.update_group, [times]

    def update(*args: Any, **more: Any) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise NotFound("AutoScalingGroup name not found", operation="UpdateAutoScalingGroup")
        real(*args, **more)

    return update


def test_a_group_just_created_may_be_unknown_for_a_while(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    monkeypatch.setattr(autoscaling, "update_group", unknown(3))
    assert carry_on(pushed).state == "succeeded", pushed.run.failure


def test_a_group_that_stays_unknown_undoes_the_push(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    monkeypatch.setattr(size_group, "APPEARS_WITHIN", 0.5)
    monkeypatch.setattr(autoscaling, "update_group", unknown(10_000))
    assert carry_on(pushed).state == "undone"
    assert pushed.run.failure == f"{NEW} was deleted by somebody else."


def late_tags(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The new group's tags are not shown in the first reads of it."""
    real, left = autoscaling.describe_groups, [times]

    def describe(target: Target, names: Iterable[str] | None = None, **more: Any) -> tuple[GroupState, ...]:
        found = real(target, names, **more)
        if names is None or NEW not in list(names):
            return found
        left[0] -= 1
        return tuple(replace(group, tags={}) if group.name == NEW and left[0] >= 0 else group for group in found)

    monkeypatch.setattr(autoscaling, "describe_groups", describe)


def test_a_group_whose_tags_are_late_is_still_ours_to_delete(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    late_tags(monkeypatch, 5)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone"
    assert list(service.groups()) == [OLD]


def test_a_group_without_our_tag_is_somebody_elses(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    monkeypatch.setattr(create_group, "APPEARS_WITHIN", 0.5)
    service.place.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=NEW,
        MinSize=0,
        MaxSize=0,
        LaunchTemplate={"LaunchTemplateId": service.template, "Version": "1"},
        VPCZoneIdentifier=service.groups()[OLD]["VPCZoneIdentifier"],
    )
    assert carry_on(pushed).state == "undone"
    assert pushed.run.failure == f"Somebody else created {NEW} meanwhile; it is left alone."
    assert sorted(service.groups()) == [OLD, NEW]


def test_a_standby_that_is_not_shown_for_a_moment_only_delays_the_rollback(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    carry_on(pushed)
    back = services.rollback(pushed.pk, actor="bob")
    real, left = autoscaling.describe_groups, [3]

    def late(target: Target, names: Iterable[str] | None = None, **more: Any) -> tuple[GroupState, ...]:
        left[0] -= 1
        return () if left[0] >= 0 else real(target, names, **more)

    monkeypatch.setattr(autoscaling, "describe_groups", late)
    assert carry_on(back).state == "succeeded", back.run.failure
    assert attached(service) == [OLD]


def as_before(rule: RuleState) -> RuleState:
    """A rule of two target groups as it was before all of the traffic went from one to the other."""
    weights = reversed([forward.weight for forward in rule.forwards])
    forwards = tuple(replace(each, weight=weight) for each, weight in zip(rule.forwards, weights, strict=True))
    return replace(rule, forwards=forwards)


def test_an_undo_does_not_take_weights_for_given_back_that_are_only_shown_as_they_were(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(weighted, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    real, detach, left, moved = weighted_target_groups.rules, autoscaling.detach, [3], []

    def late(place: Place, arns: Iterable[str]) -> tuple[RuleState, ...]:
        left[0] -= 1
        return tuple(map(as_before, real(place, arns))) if left[0] >= 0 else real(place, arns)

    def removed(*asked: Any, **more: Any) -> None:
        moved.append(weights(weighted)["api-prod-tg"])
        detach(*asked, **more)

    monkeypatch.setattr(weighted_target_groups, "rules", late)
    monkeypatch.setattr(autoscaling, "detach", removed)
    services.cancel(pushed.pk, actor="ann")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert left[0] < 0
    assert moved == [1], "the new group lost its traffic before the old one had it again"
