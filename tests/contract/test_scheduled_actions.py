"""Scheduled actions change a group's sizes at their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _put(stack: Stack, group: str, name: str = "morning", **settings: Any) -> None:
    stack.asg.put_scheduled_update_group_action(AutoScalingGroupName=group, ScheduledActionName=name, **settings)


def _soon(minutes: float = 2) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=minutes)


def _listed(stack: Stack, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.asg.describe_scheduled_actions(AutoScalingGroupName=group)[
        "ScheduledUpdateGroupActions"
    ]
    return found


def _sizes(stack: Stack, group: str) -> tuple[int, int, int]:
    found = stack.described(group)
    return found["MinSize"], found["DesiredCapacity"], found["MaxSize"]


def test_an_action_runs_once_at_its_start_time_and_is_gone(quick: Stack) -> None:
    """API reference, DescribeScheduledActions: those that have not run; user guide, "Scheduled scaling"."""
    name, start = quick.group(quick.template(), 0), _soon(5)
    _put(quick, name, StartTime=start, MinSize=1, MaxSize=9)
    shown = _listed(quick, name)[0]
    assert (shown["StartTime"], shown["MinSize"], shown["MaxSize"]) == (start, 1, 9)
    assert "DesiredCapacity" not in shown
    quick.eventually(lambda: _sizes(quick, name) == (1, 1, 9), "the new sizes")
    assert _listed(quick, name) == []
    quick.in_service(name, 1)
    assert "the scheduled action morning executed" in quick.activities(name)[0]["Cause"]


def test_a_recurring_action_shows_when_it_runs_next_and_runs_again(quick: Stack) -> None:
    """API reference, PutScheduledUpdateGroupAction: Recurrence in cron's format; StartTime is described as the next."""
    name = quick.group(quick.template(), 0)
    _put(quick, name, Recurrence="* * * * *", DesiredCapacity=1)
    first = _listed(quick, name)[0]["StartTime"]
    assert first.second == 0
    quick.eventually(lambda: _sizes(quick, name)[1] == 1, "the first run")
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=0)
    quick.eventually(lambda: _sizes(quick, name)[1] == 1, "another run")
    assert _listed(quick, name)[0]["StartTime"] > first


def test_a_recurrence_is_read_in_its_time_zone(quick: Stack) -> None:
    """API reference: TimeZone, UTC without one."""
    name = quick.group(quick.template(), 0)
    _put(quick, name, Recurrence="0 12 1 7 *", DesiredCapacity=1, TimeZone="America/New_York")
    shown = _listed(quick, name)[0]
    assert (shown["StartTime"].hour, shown["TimeZone"]) == (16, "America/New_York")


def test_an_action_ends_with_its_end_time(quick: Stack) -> None:
    """API reference: EndTime bounds a recurrence."""
    name = quick.group(quick.template(), 0)
    _put(quick, name, Recurrence="* * * * *", DesiredCapacity=0, EndTime=_soon(3))
    quick.eventually(lambda: not _listed(quick, name), "the end of the action")


def test_an_action_that_is_due_while_suspended_is_passed_over(quick: Stack) -> None:
    """User guide, "Suspend and resume processes": ScheduledActions."""
    name = quick.group(quick.template(), 0)
    quick.asg.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["ScheduledActions"])
    _put(quick, name, StartTime=_soon(), DesiredCapacity=1)
    quick.eventually(lambda: not _listed(quick, name), "the action's time")
    quick.asg.resume_processes(AutoScalingGroupName=name)
    assert _sizes(quick, name)[1] == 0


@pytest.mark.shape
def test_many_actions_are_put_and_deleted_at_once(quick: Stack) -> None:
    """API reference, BatchPutScheduledUpdateGroupAction and BatchDeleteScheduledAction: failures are told."""
    name = quick.group(quick.template(), 0)
    actions = [
        {"ScheduledActionName": "good", "Recurrence": "0 8 * * *", "DesiredCapacity": 1},
        {"ScheduledActionName": "bad", "Recurrence": "never", "DesiredCapacity": 1},
    ]
    put = quick.asg.batch_put_scheduled_update_group_action
    told = put(AutoScalingGroupName=name, ScheduledUpdateGroupActions=actions)["FailedScheduledUpdateGroupActions"]
    assert [one["ScheduledActionName"] for one in told] == ["bad"]
    assert [one["ScheduledActionName"] for one in _listed(quick, name)] == ["good"]
    delete = quick.asg.batch_delete_scheduled_action
    told = delete(AutoScalingGroupName=name, ScheduledActionNames=["good", "bad"])["FailedScheduledActions"]
    assert [one["ScheduledActionName"] for one in told] == ["bad"]
    assert _listed(quick, name) == []


@pytest.mark.shape
def test_an_action_that_cannot_be_is_refused(quick: Stack) -> None:
    """API reference, PutScheduledUpdateGroupAction."""
    name = quick.group(quick.template(), 0)
    for wrong in (
        {"DesiredCapacity": 1},
        {"Recurrence": "0 8 * * *"},
        {"StartTime": datetime(2020, 1, 1, tzinfo=UTC), "DesiredCapacity": 1},
        {"Recurrence": "0 8 * * *", "DesiredCapacity": 1, "TimeZone": "Mars/Phobos"},
        {"Recurrence": "0 8 * * *", "MinSize": 2, "MaxSize": 1},
    ):
        put = {"AutoScalingGroupName": name, "ScheduledActionName": "morning", **wrong}
        assert refused(quick.asg.put_scheduled_update_group_action, **put) == "ValidationError", wrong
