"""Zones are judged by where instances would be; classic load balancers by how many instances they may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps.cloud.values import TargetHealth, TrafficSource
from apps.deployments.errors import Finding
from apps.deployments.preflight.base import Fewest
from apps.deployments.strategies.red_black import Options
from apps.deployments.strategies.red_black import plan as red_black
from apps.deployments.strategies.rolling_replace import Options as Replacing
from apps.deployments.strategies.rolling_replace import plan as replacing
from tests.deployments.looks import ask, looked
from tests.deployments.situations import group, situation
from tests.deployments.test_preflight_checks import subnets

FIRST, SECOND = "us-east-1a", "us-east-1b"
BOTH = dict.fromkeys((FIRST, SECOND), frozenset({"t3.small"}))
CLASSIC = "api-classic"


def found(
    free: tuple[int, int] = (9, 9),
    offered: Mapping[str, frozenset[str]] = BOTH,
    options: Any = None,
    plan: Any = red_black,
    size: int = 6,
) -> dict[str, Finding]:
    """What is found of a group in two zones that shall be in two, with so many free addresses in each."""
    there = group(size=size)
    members = tuple(replace(each, zone=(FIRST, SECOND)[n % 2]) for n, each in enumerate(there.members))
    there = replace(there, zones=(FIRST, SECOND), members=members)
    look = looked(situation(there), options, plan, subnets=subnets(*free), offered=offered)
    return ask("zones", replace(look, fewest=Fewest(1, 2)))


def test_a_zone_without_a_free_address_does_not_count() -> None:
    assert found() == {}
    few = found((9, 0))["few-zones"]
    assert (few.level, few.overridable) == ("refuse", True)
    assert few.text == (
        "api-prod-v013 would be in 1 zone, and api-prod shall be in 2 at least. us-east-1b has no free address in a "
        "subnet of the group. Give it subnets in more zones, or change fewest_zones of the cluster's policy."
    )


def test_a_zone_that_does_not_offer_the_type_does_not_count() -> None:
    few = found(offered={FIRST: frozenset({"t3.small"})})["few-zones"]
    assert "would be in 1 zone" in few.text
    assert "us-east-1b offers no t3.small." in few.text


def test_one_instance_is_in_one_zone() -> None:
    few = found(options=Options(min_size=1), size=1)["few-zones"]
    assert "would be in 1 zone" in few.text
    assert "Raise its size, or change fewest_zones" in few.text
    assert found(options=Options(min_size=1), size=2) == {}


def test_in_place_an_instance_leaves_its_address_to_the_next() -> None:
    assert found((9, 0), options=Replacing(), plan=replacing) == {}


def test_instances_beyond_a_classic_load_balancers_limit_are_refused() -> None:
    behind = replace(group(), traffic_sources=(TrafficSource(CLASSIC, "classic", "elb"),))
    listed = tuple(TargetHealth(CLASSIC, each.id, 0, "healthy") for each in behind.members)
    there = situation(behind, health={CLASSIC: listed})

    def asked(**limits: int) -> dict[str, Finding]:
        named = {name.replace("_", "-"): most for name, most in limits.items()}
        return ask("classic-quota", looked(there, **{"classic limits": named}))

    full = asked(classic_registered_instances=12)["classic-quota"]
    assert (full.level, full.overridable) == ("refuse", True)
    assert "6 instances are registered with api-classic and 7 would come: it may have 12" in full.text
    assert asked(classic_registered_instances=13) == {}
    assert list(asked()) == ["unknown-classic"]


def test_a_group_without_one_is_not_asked_about() -> None:
    assert ask("classic-quota", looked()) == {}
