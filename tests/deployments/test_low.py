"""When a time of too little healthy capacity counts anew, and when it does not."""

from __future__ import annotations

from dataclasses import replace

from apps.cloud.values import GroupState, MemberState, TargetHealth
from apps.deployments.low import Low, watch
from tests.deployments.situations import TG, group


def seen(**states: str) -> tuple[GroupState, dict[str, tuple[TargetHealth, ...]]]:
    """A group of desired 6 as one look shows it: id to target health, "pending" for one that is not in service."""
    named = {f"i-{name}" if not name.startswith("i") else name: state for name, state in states.items()}
    members = tuple(
        MemberState(name, "us-east-1a", "Pending" if state == "pending" else "InService", "Healthy", False)
        for name, state in named.items()
    )
    targets = tuple(TargetHealth(TG, name, 8080, state) for name, state in named.items() if state != "pending")
    return replace(group(), members=members), {TG: targets}


HEALTHY = dict.fromkeys("abcde", "healthy")


def test_the_time_runs_while_the_same_instance_ails() -> None:
    low = watch(None, *seen(**HEALTHY, f="unhealthy"), 10.0)
    assert watch(low, *seen(**HEALTHY, f="unhealthy"), 100.0).since == 10.0


def test_it_counts_anew_when_the_one_ailing_instance_was_replaced_and_its_successor_boots() -> None:
    low = watch(None, *seen(**HEALTHY, f="unhealthy"), 10.0)
    low = watch(low, *seen(**HEALTHY), 100.0)
    assert low.since == 100.0
    low = watch(low, *seen(**HEALTHY, g="pending"), 110.0)
    assert watch(low, *seen(**HEALTHY, g="initial"), 200.0).since == 100.0


def test_a_successor_that_ails_and_goes_in_its_turn_does_not_count_anew() -> None:
    low = watch(None, *seen(**HEALTHY, f="unhealthy"), 10.0)
    for states, at in (
        ({"g": "pending"}, 60.0),
        ({"g": "unhealthy"}, 120.0),
        ({"h": "pending"}, 180.0),
        ({"h": "initial"}, 230.0),
    ):
        low = watch(low, *seen(**HEALTHY, **states), at)
    assert low.since == 60.0


def test_several_that_lack_at_once_are_not_excused_by_being_replaced() -> None:
    few = dict.fromkeys("abcd", "healthy")
    low = watch(None, *seen(**few, e="unhealthy", f="unhealthy"), 10.0)
    assert watch(low, *seen(**few, g="pending", h="pending"), 100.0).since == 10.0


def test_a_successor_that_is_sick_at_once_is_no_excuse() -> None:
    low = watch(None, *seen(**HEALTHY, f="unhealthy"), 10.0)
    assert watch(low, *seen(**HEALTHY, g="unhealthy"), 100.0).since == 10.0


def test_what_is_kept_between_looks_names_who_ails_and_who_came() -> None:
    low = watch(None, *seen(**HEALTHY, f="unhealthy"), 10.0)
    assert low == Low(10.0, ["i-f"], [])
    assert watch(low, *seen(**HEALTHY, g="pending"), 20.0) == Low(20.0, ["i-g"], ["i-g"])
