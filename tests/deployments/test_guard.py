"""The traffic guard: what would be left is looked at before anything is taken away, by whatever path."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import elbv2
from apps.cloud.values import GroupState, MemberState, Target, TargetHealth, TrafficSource
from apps.deployments import drivers, guard, services
from apps.deployments.errors import Invalid
from apps.deployments.guard import LAST, LITTLE, ZONE, Loss, objections
from apps.deployments.models import ClusterPolicy, Deployment
from apps.deployments.services import set_policy
from apps.deployments.steps.base import CloudStep
from apps.deployments.steps.part import PartStep
from apps.events.models import Event
from apps.inventory.models import Cluster
from apps.workflows.kinds import kind, slugs
from tests.deployments.guarded import HARMLESS, READING, REDUCING
from tests.deployments.lite import attached, carry_on, cloud, look_until, service, until_step
from tests.deployments.situations import TG, group
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]


def standing(name: str, *zones: str) -> GroupState:
    """A group with an instance in service in each of these zones."""
    members = tuple(
        MemberState(f"i-{name[-2:]}{n}", f"us-east-1{zone}", "InService", "Healthy", False)
        for n, zone in enumerate(zones)
    )
    return replace(group(name, size=len(zones)), members=members, zones=tuple(sorted({m.zone for m in members})))


def healthy(*groups: GroupState, sick: str = "") -> dict[str, tuple[TargetHealth, ...]]:
    ids = [member.id for each in groups for member in each.members]
    return {TG: tuple(TargetHealth(TG, one, 80, "unhealthy" if one == sick else "healthy") for one in ids)}


def codes(loss: Loss, seen: Any, **policy: int) -> list[str]:
    return [code for code, _ in objections(ClusterPolicy(**policy), loss, seen)]


OLD, NEW = standing("api-prod-v001", *"aabb"), standing("api-prod-v002", *"aabb")


def test_the_last_serving_group_stays_whatever_the_policy() -> None:
    alone = Loss(OLD, load=4)
    assert codes(alone, healthy(OLD), min_healthy_percent=0) == [LAST]
    assert codes(replace(alone, carried_by=NEW), healthy(OLD), min_healthy_percent=0) == [LAST]
    assert codes(replace(alone, carried_by=NEW), healthy(OLD, NEW)) == []


def test_a_group_that_is_being_deleted_carries_nothing() -> None:
    going = replace(NEW, status="Delete in progress")
    assert codes(Loss(OLD, carried_by=going, load=4), healthy(OLD, NEW)) == [LAST]


def test_what_is_left_healthy_must_be_the_policys_part_of_the_load() -> None:
    loss = Loss(OLD, carried_by=NEW, load=4)
    seen = healthy(OLD, NEW, sick="i-020")
    assert codes(loss, seen) == [LITTLE]
    assert codes(loss, seen, min_healthy_percent=75) == []


def test_ending_one_instance_and_shrinking_are_judged_by_what_stays() -> None:
    one = Loss(OLD, frozenset({"i-010"}), load=4)
    assert codes(one, healthy(OLD)) == [LITTLE]
    assert codes(replace(one, load=3), healthy(OLD)) == []
    assert codes(Loss(OLD, frozenset(), keeps=2, load=4), healthy(OLD)) == [LITTLE]
    assert codes(Loss(OLD, frozenset(), keeps=4, load=4), healthy(OLD)) == []


def test_a_group_that_shrinks_may_lose_any_of_its_healthy_ones_and_keeps_its_zones() -> None:
    shrinks = Loss(OLD, frozenset(), keeps=2, load=2)
    assert codes(shrinks, healthy(OLD), min_healthy_percent_per_zone=100) == []
    assert codes(shrinks, healthy(OLD, sick="i-010")) == [LITTLE]
    assert codes(replace(shrinks, keeps=1), healthy(OLD, sick="i-010")) == [LAST]
    uneven = standing("api-prod-v003", *"aaabbbb")  # Auto Scaling takes from b, where two are sick
    seen = {TG: tuple(replace(t, state="unhealthy") if t.id in {"i-035", "i-036"} else t for t in healthy(uneven)[TG])}
    half = {"min_healthy_percent": 50, "min_healthy_percent_per_zone": 70}
    assert codes(Loss(uneven, frozenset(), keeps=6, load=6), seen, **half) == [ZONE]


def test_what_stands_by_in_standby_is_no_capacity_that_could_be_spared() -> None:
    resting = replace(OLD.members[0], lifecycle_state="Standby")
    five = replace(standing("api-prod-v004", *"aabba"), members=(*standing("api-prod-v004", *"aabba").members, resting))
    assert codes(Loss(five, frozenset(), keeps=4, load=4), healthy(standing("api-prod-v004", *"aabba"))) == []


OTHER = TG.replace("/1", "/2")


def in_two(group: GroupState, state: str) -> tuple[GroupState, dict[str, tuple[TargetHealth, ...]]]:
    """A group that is healthy in one target group, and in another its instances are all in this state."""
    both = replace(group, traffic_sources=(*group.traffic_sources, TrafficSource(OTHER, "target-group")))
    second = tuple(TargetHealth(OTHER, member.id, 80, state) for member in group.members)
    return both, healthy(group) | {OTHER: second}


@pytest.mark.parametrize("state", ["unused", "unhealthy"])
def test_what_is_healthy_in_any_target_group_is_lost_and_must_be_left_there(state: str) -> None:
    both, seen = in_two(OLD, state)
    assert codes(Loss(both, load=4), seen) == [LAST]
    assert codes(Loss(both, frozenset({"i-010"}), load=4), seen) == [LITTLE]
    assert codes(Loss(both, frozenset({"i-010"}), load=3), seen) == []
    assert codes(Loss(both, frozenset(), keeps=2, load=4), seen) == [LAST]
    assert codes(Loss(both, frozenset(), keeps=4, load=4), seen) == []


def test_a_group_that_is_to_carry_the_traffic_counts_where_it_is_healthy_everywhere() -> None:
    sick, seen = in_two(NEW, "unhealthy")
    assert codes(
        Loss(OLD, carried_by=sick, load=4), healthy(OLD) | {OTHER: seen[OTHER], TG: healthy(OLD, NEW)[TG]}
    ) == [LAST]


def test_each_zone_keeps_its_part_of_its_share_of_the_load() -> None:
    lopsided = standing("api-prod-v002", *"aaab")
    loss = Loss(OLD, carried_by=lopsided, load=4)
    seen = healthy(OLD, lopsided)
    assert codes(loss, seen) == []
    assert codes(loss, seen, min_healthy_percent_per_zone=100) == [ZONE]
    assert codes(loss, seen, min_healthy_percent_per_zone=50) == []


def test_an_even_spread_of_an_odd_load_satisfies_every_zone() -> None:
    assert codes(Loss(OLD, carried_by=NEW, load=5), healthy(OLD, NEW), min_healthy_percent=0) == []
    assert guard.per_zone(5, 3, ClusterPolicy(min_healthy_percent_per_zone=100)) == 1


def test_a_rollback_to_a_group_in_fewer_zones_is_refused_when_planned_and_may_be_overridden() -> None:
    policy = ClusterPolicy(min_healthy_percent_per_zone=50)
    (finding,) = guard.zones_lost(policy, OLD, standing("api-prod-v000", *"aaaa"), 4)
    assert (finding.level, finding.code, finding.overridable) == ("refuse", ZONE, True)
    assert "us-east-1b" in finding.text
    assert not list(guard.zones_lost(ClusterPolicy(), OLD, standing("api-prod-v000", *"aaaa"), 4))


def zoned(service: Service) -> None:
    """The policy asks for every zone's share, and the guard sees no zone with enough."""
    set_policy(Cluster.objects.get(), actor="ann", reason="zones", min_healthy_percent_per_zone=100)


def pushing(service: Service, **more: Any) -> Deployment:
    return services.push(request(service, "1.1.0", **more), actor="ann")


def no_zone_has_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        guard, "per_zone", lambda load, zones, policy: load if policy.min_healthy_percent_per_zone else 0
    )


def test_a_push_waits_with_a_sentence_while_the_guard_is_against_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoned(service)
    pushed = pushing(service)
    with monkeypatch.context() as patched:
        no_zone_has_enough(patched)
        look_until(pushed, lambda: "keeps what serves" in pushed.run.says, "to be held back")
        assert "would be left with fewer than" in pushed.run.says
        assert "api-prod-v000" in attached(service)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure


def test_an_override_that_is_recorded_with_its_reason_lets_it_go_on(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoned(service)
    no_zone_has_enough(monkeypatch)
    pushed = pushing(service, overrides=(ZONE,), reason="a zone is down")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    event = Event.objects.get(kind="deployment.overridden")
    assert (event.reason, event.after) == ("a zone is down", {"code": ZONE})


def test_an_override_of_the_guard_needs_a_reason(service: Service) -> None:
    with pytest.raises(Invalid) as refused:
        pushing(service, overrides=(LAST,))
    assert list(refused.value.errors) == ["reason"]


def test_what_does_not_serve_is_nobodys_loss(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = pushing(service)
    real = elbv2.target_health

    def sick(target: Target, arn: str, ids: Any = None) -> tuple[TargetHealth, ...]:
        return tuple(replace(each, state="unhealthy") for each in real(target, arn, ids))

    monkeypatch.setattr(elbv2, "target_health", sick)  # nobody serves: the undo takes nothing from anybody
    until_step(pushed, "wait-healthy")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert attached(service) == ["api-prod-v000"]


def test_every_changing_call_of_every_step_and_driver_is_known_to_reduce_capacity_or_not_to() -> None:
    """What reduces it is watched in every test of this folder: it comes after the guard was asked, in the same look."""
    steps = [each for slug in slugs() if isinstance(each := kind(slug), CloudStep)]
    declared = {call for step in steps for call in step.calls}
    parts = [step for step in steps if isinstance(step, PartStep)]  # whose calls are those of its part's kind
    declared |= {call for step in parts for calls in step.calls_by.values() for call in calls}
    others = [step for step in steps if step not in parts]
    declared |= {call for step in others for call in step.calls_for(defaultdict(lambda: True))}
    declared |= {call for driver in drivers.all().values() for call in driver.calls}
    changing = {call for call in declared if not call.partition(":")[2].startswith(READING)}
    assert changing == REDUCING | HARMLESS
