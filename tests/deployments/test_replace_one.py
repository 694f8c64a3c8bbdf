"""Replacing one instance: another is healthy first; what goes wrong before leaves the one that was there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling
from apps.cloud.errors import Denied
from apps.cloud.values import GroupState, MemberState
from apps.deployments import services
from apps.deployments.errors import Refused
from apps.deployments.replacement import (
    Act,
    Complete,
    GiveBack,
    Healthy,
    Look,
    Raise,
    Terminate,
    back_from_one,
    next_for_one,
)
from apps.deployments.selectors import left_over
from apps.events.models import Event
from apps.workflows.models import Borrowed
from tests.deployments.lite import carry_on, cloud, look_until, resize, service, sizes
from tests.deployments.situations import group
from tests.deployments.test_changes_by_hand import OLD, asked, change, done, instances, raw
from tests.deployments.test_changes_undone import cancelled, never_healthy
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

STOOD = frozenset({"i-1", "i-2"})


def standing(*ids: str, desired: int = 2, states: dict[str, str] | None = None) -> GroupState:
    members = (MemberState(each, "a", (states or {}).get(each, "InService"), "Healthy", False) for each in ids)
    return replace(group(size=0), members=tuple(members), desired=desired, min_size=0)


def act(found: GroupState, good: set[str], surge: int, anywhere: set[str] | None = None) -> Act:
    healthy = Healthy(good, good if anywhere is None else anywhere)
    return next_for_one(found, healthy, surge, instance="i-1", stood=STOOD)


def test_it_goes_once_another_is_healthy_and_as_many_as_are_wanted_stay() -> None:
    two, three = standing("i-1", "i-2"), standing("i-1", "i-2", "i-3", desired=3)
    assert act(two, {"i-1", "i-2"}, 0) == Raise(3, 1)
    assert act(three, {"i-1", "i-2"}, 1) == Look()
    assert act(three, {"i-1", "i-2", "i-3"}, 1) == Terminate(three.members[0])
    assert act(three, {"i-1", "i-3"}, 1) == Look()  # the third fell sick, and it still serves
    assert act(three, {"i-3"}, 1) == Terminate(three.members[0])  # it serves nowhere itself
    assert act(three, {"i-3"}, 1, {"i-1", "i-3"}) == Look()  # it may serve somewhere
    assert act(standing("i-2", "i-3"), {"i-2", "i-3"}, 0) == Complete()
    assert act(standing("i-2", "i-3", desired=3), {"i-2"}, 1) == GiveBack(2)  # somebody else ended it
    aside = standing("i-1", "i-2", "i-3", desired=3, states={"i-1": "Standby"})
    assert act(aside, {"i-2", "i-3"}, 1) == Look()


def test_on_the_way_back_what_was_launched_goes_and_one_that_serves_last() -> None:
    def back(found: GroupState, good: set[str], surge: int) -> Act:
        return back_from_one(found, Healthy(good, good), surge, stood=STOOD)

    three = standing("i-1", "i-2", "i-3", desired=3)
    four = standing("i-1", "i-2", "i-3", "i-4", desired=3)
    assert back(three, {"i-1", "i-2"}, 1) == Terminate(three.members[2])
    assert back(four, {"i-1", "i-2", "i-3"}, 1) == Terminate(four.members[3])
    assert back(standing("i-1", "i-2", desired=3), {"i-1", "i-2"}, 1) == GiveBack(2)
    assert back(standing("i-1", "i-2"), {"i-1", "i-2"}, 0) == Complete()


def test_a_healthy_instance_is_replaced_without_anything_to_override(service: Service) -> None:
    resize(service, OLD, MaxSize=2)
    first, second = instances(service)
    preview = services.preview_change(asked(service, "replace-instance", instance=first))
    assert preview.refusals == ()
    assert preview.steps[0].changes[0].endswith("desired 2 → 3, max 2 → 3")
    replaced = change(service, "replace-instance", instance=first)
    look_until(replaced, lambda: sizes(service, OLD) == (1, 3, 3), "to raise the group")
    assert first in instances(service)
    done(replaced)
    wait_for(lambda: first not in instances(service), "it to be gone")
    assert second in instances(service)
    assert (len(instances(service)), sizes(service, OLD)) == (2, (1, 2, 2))
    assert service.target_states() == ["healthy", "healthy"]
    assert not Borrowed.objects.filter(repaid_at=None).exists()
    told = Event.objects.get(run=replaced.run_id, kind="group.instance_replaced")
    assert (told.actor, told.before) == ("ann", {"instance": first})


@pytest.mark.parametrize("how", ["cancelled", "late"])
def test_where_no_other_becomes_healthy_it_stays_and_the_group_has_its_size_again(how: str, service: Service) -> None:
    resize(service, OLD, MaxSize=2)
    before = instances(service)
    never_healthy(service)
    replaced = change(service, "replace-instance", instance=before[0], healthy_within_seconds=10)
    look_until(replaced, lambda: len(instances(service)) == 3, "to launch another")
    if how == "cancelled":
        cancelled(replaced)
    assert carry_on(replaced).state == "undone", replaced.run.failure
    wait_for(lambda: instances(service) == before, "the new one to be gone")
    assert sizes(service, OLD) == (1, 2, 2)
    assert not Borrowed.objects.filter(repaid_at=None).exists()


def test_one_that_was_ended_does_not_come_back_and_that_is_told(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    resize(service, OLD, MaxSize=2)
    first, _ = instances(service)
    real = autoscaling.update_group

    def denied(*args: Any, **given: Any) -> None:
        if given.get("max_size") == 2:
            raise Denied("No.", operation="UpdateAutoScalingGroup")
        real(*args, **given)

    replaced = change(service, "replace-instance", instance=first)
    with monkeypatch.context() as patched:
        patched.setattr(autoscaling, "update_group", denied)
        look_until(replaced, lambda: replaced.run.state == "undoing", "to turn back")
    assert carry_on(replaced).state == "failed"
    assert sizes(service, OLD) == (1, 2, 2)
    assert left_over(replaced) == (f"{first} is out of its group, which nothing puts back.",)


def test_what_would_not_be_replaced_is_refused(service: Service) -> None:
    scaling = service.place.client("autoscaling")
    first, _ = instances(service)
    scaling.suspend_processes(AutoScalingGroupName=OLD, ScalingProcesses=["Launch"])
    with pytest.raises(Refused) as refused:
        change(service, "replace-instance", instance=first)
    assert {each.code for each in refused.value.findings} == {"not-replaced"}
    scaling.resume_processes(AutoScalingGroupName=OLD, ScalingProcesses=["Launch"])
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded"
    preview = services.preview_change(asked(service, "replace-instance", instance=first))
    assert "stands-by" in {each.code for each in preview.refusals}
    assert raw(service)["DesiredCapacity"] == 2
