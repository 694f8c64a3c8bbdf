"""When a group is wholly healthy, and the sentence when it is not."""

from __future__ import annotations

from dataclasses import replace

from apps.cloud.values import MemberState, TargetHealth
from apps.deployments.health import drained, judge
from tests.deployments.situations import TG, group


def health(*states: str, reason: str = "") -> dict[str, tuple[TargetHealth, ...]]:
    members = group().members
    pairs = zip(members, states, strict=False)
    return {TG: tuple(TargetHealth(TG, member.id, 8080, state, "", reason) for member, state in pairs)}


def test_a_group_is_whole_when_every_instance_is_healthy_everywhere() -> None:
    assert judge(group(), 6, health(*["healthy"] * 6)).whole


def test_finding_no_target_group_or_no_instance_is_failure() -> None:
    assert not judge(group(), 6, {}).whole
    assert not judge(group(size=0), 0, health()).whole


def test_an_instance_that_one_target_group_does_not_list_is_not_healthy() -> None:
    state = judge(group(), 6, {**health(*["healthy"] * 6), "arn:x:targetgroup/other/2": ()})
    assert not state.whole
    assert "6 not registered in other yet" in state.says


def test_enough_healthy_ones_do_not_hide_a_sick_one() -> None:
    assert not judge(group(size=6), 5, health(*["healthy"] * 5, "unhealthy")).whole


def test_the_sentence_says_how_many_and_why() -> None:
    state = judge(group(), 6, health("healthy", "unhealthy", "initial", reason="Health checks failed with [503]"))
    assert state.says == (
        "1 of 6 healthy; 3 not registered in api-prod-tg yet; 1 waiting for the first health checks of api-prod-tg; "
        "i-121 is unhealthy in api-prod-tg: Health checks failed with [503]."
    )


def test_instances_that_start_or_are_missing_are_counted() -> None:
    starting = replace(
        group(size=1), desired=3, members=(MemberState("i-1", "us-east-1a", "Pending", "Healthy", False),)
    )
    assert judge(starting, 3, health()).says == "0 of 3 healthy; 2 not launched yet; 1 starting."


def test_drained_means_no_longer_listed() -> None:
    listed = {TG: (TargetHealth(TG, "i-1", 8080, "draining"), TargetHealth(TG, "i-9", 8080, "healthy"))}
    assert drained(["i-1", "i-2"], listed) == (1, 2)
    assert drained([], listed) == (0, 0)


def test_instances_that_fail_alike_are_told_together() -> None:
    three = {TG: tuple(TargetHealth(TG, one.id, 8080, "unhealthy", "", "503") for one in group(size=3).members)}
    assert judge(group(size=3), 3, three).says == "0 of 3 healthy; 3 are unhealthy in api-prod-tg: 503."
