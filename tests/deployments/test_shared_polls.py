"""Pushes that wait share what one of them has read of AWS; what is done follows from a fresh read."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from apps.cloud.aws import autoscaling, elbv2, polls, shared
from apps.cloud.aws.guard import ReadAgain, looking_only, only_looking
from apps.cloud.aws.observe import observe
from apps.cloud.values import CallRecord, GroupState, Target
from apps.deployments import services
from apps.deployments.steps.base import CloudStep
from tests.deployments.lite import at_once, carry_on, cloud, service
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]


@pytest.fixture
def sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers may be old; Redis, and who reads for others, are waited for as long as a busy machine needs."""
    monkeypatch.setattr(polls, "_fresh_for", 20.0)
    monkeypatch.setattr(polls, "READS_WITHIN", 20.0)
    monkeypatch.setattr(polls, "AWAITED", 20.0)
    monkeypatch.setattr(shared, "ANSWERS_WITHIN", 20.0)
    monkeypatch.setattr(shared, "_client", shared._connect(os.environ["REDIS_URL"]))
    monkeypatch.setattr(shared, "_down_until", 0.0)


@pytest.fixture
def target(service: Service) -> Target:
    return Target(service.place.account, service.place.region, service.place.role_arn)


def reads(target: Target, *names: str, looking: bool = True) -> tuple[list[str], tuple[GroupState, ...]]:
    calls: list[CallRecord] = []
    with observe(calls.append):
        if looking:
            with looking_only():
                found = polls.groups(target, names)
        else:
            found = polls.groups(target, names)
    return [call.operation for call in calls], found


def test_who_waits_takes_over_what_another_has_just_read(sharing: None, service: Service, target: Target) -> None:
    first, found = reads(target, service.group)
    again, same = reads(target, service.group)
    assert (first, again) == (["DescribeAutoScalingGroups"], [])
    assert found == same
    assert found[0].created_at.tzinfo is not None


def test_a_read_that_decides_is_fresh_and_is_taken_over_by_who_only_waits(
    sharing: None, service: Service, target: Target
) -> None:
    for _ in range(2):
        assert reads(target, service.group, looking=False)[0] == ["DescribeAutoScalingGroups"]
    assert reads(target, service.group)[0] == []


def test_one_call_reads_for_all_who_asked_lately(sharing: None, service: Service, target: Target) -> None:
    reads(target, "nobody-v001")
    shared.ask(lambda client: client.delete(f"deployconsole:seen:{target.account}:{target.region}:groups"))
    assert reads(target, service.group)[0] == ["DescribeAutoScalingGroups"]
    assert reads(target, "nobody-v001") == ([], ())  # known to be not there


def test_many_who_wait_at_the_same_moment_make_one_call(
    sharing: None, service: Service, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], autoscaling.describe_groups
    monkeypatch.setattr(autoscaling, "describe_groups", lambda *args: asked.append(1) or real(*args))  # type: ignore[func-returns-value]
    threads = [threading.Thread(target=reads, args=(target, service.group)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1


def test_who_looked_before_another_had_stored_its_answer_does_not_read_once_more(
    sharing: None, service: Service, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, others = polls._look, []

    def overtaken(*args: Any) -> Any:
        seen = real(*args)
        if not others:  # another begins and ends its read after we looked
            others.append(1)
            others[:] = reads(target, service.group)[0]
        return seen

    monkeypatch.setattr(polls, "_look", overtaken)
    made = reads(target, service.group)[0]  # within it, the other's call is heard as well
    assert made == others == ["DescribeAutoScalingGroups"]


def test_without_redis_everybody_reads_by_himself(
    sharing: None, service: Service, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_client", None)
    for _ in range(2):
        assert reads(target, service.group)[0] == ["DescribeAutoScalingGroups"]
    assert os.environ["REDIS_URL"]


def test_health_is_shared_as_it_was_answered(sharing: None, service: Service, target: Target) -> None:
    fresh = elbv2.target_health(target, service.target_group)
    with looking_only():
        for _ in range(2):
            assert polls.health(target, service.target_group, elbv2.target_health) == fresh


def test_nothing_is_changed_by_who_only_looks(service: Service, target: Target) -> None:
    with looking_only(), pytest.raises(ReadAgain):
        autoscaling.suspend(target, service.group, ["Launch"])
    assert service.groups()[service.group]["SuspendedProcesses"] == []


def test_every_change_follows_from_a_fresh_read_and_traffic_moves_only_by_one_of_health(
    sharing: None, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, list[CallRecord], Any]] = []
    fresh: list[CallRecord] = []
    real = CloudStep._carry_out

    def watched(self: CloudStep, *args: Any) -> Any:
        calls: list[CallRecord] = []
        with observe(calls.append), observe(lambda call: None if only_looking() else fresh.append(call)):
            outcome = real(self, *args)
        seen.append((self.slug, calls, outcome))
        return outcome

    monkeypatch.setattr(CloudStep, "_carry_out", watched)
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed, due=at_once).state == "succeeded", pushed.run.failure
    detach = next(calls for _, calls, _ in seen if any(call.operation.startswith("Detach") for call in calls))
    read = [call.operation for call in detach if call in fresh and not call.changing]
    assert read == ["DescribeAutoScalingGroups", "DescribeTargetHealth"]
    polled = [calls for slug, calls, outcome in seen if type(outcome).__name__ == "Wait" and slug == "wait-healthy"]
    assert (
        sum(not calls for calls in polled[1:]) >= len(polled[1:]) / 2
    )  # most looks found what the one before had read
