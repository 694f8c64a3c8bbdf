"""Putting, describing and deleting scheduled actions, one or many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from apps.localcloud.autoscaling.describe import page
from apps.localcloud.autoscaling.model import Group, Groups, Schedule, groups
from apps.localcloud.autoscaling.schedules import begin, checked
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


def _put(call: Call, group: Group, given: Mapping[str, Any]) -> None:
    name = given["ScheduledActionName"]
    settings = {key: value for key, value in given.items() if value is not None and key != "Time"}
    if settings.get("StartTime") is None and given.get("Time") is not None:
        settings["StartTime"] = given["Time"]  # its older name
    before = group.schedules.get(name)
    settings["AutoScalingGroupName"] = group.name
    settings["ScheduledActionARN"] = before.settings["ScheduledActionARN"] if before else _arn(group, name)
    schedule = checked(settings)
    if schedule.cron is None:
        _check_free(group, name, schedule)
    group.schedules[name] = schedule
    begin(call.cloud, group, name, schedule)


def _arn(group: Group, name: str) -> str:
    place = f"{group.region}:{group.account}:scheduledUpdateGroupAction:{uuid4()}"
    return f"arn:aws:autoscaling:{place}:autoScalingGroupName/{group.name}:scheduledActionName/{name}"


def _check_free(group: Group, name: str, schedule: Schedule) -> None:
    for other, one in group.schedules.items():
        if other != name and one.cron is None and one.next == schedule.next:
            raise AwsError("AlreadyExists", f"Scheduled action {other} of this group has the same start time")


@operation("autoscaling", "PutScheduledUpdateGroupAction")
def put_scheduled_action(call: Call) -> Result:
    """Makes an action, or replaces the one of that name."""
    _put(call, _known(call).changeable(call.params["AutoScalingGroupName"]), call.params)
    return None


@operation("autoscaling", "BatchPutScheduledUpdateGroupAction")
def batch_put_scheduled_actions(call: Call) -> Result:
    """Each for itself; those that failed are told."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    failed = []
    for given in call.params["ScheduledUpdateGroupActions"]:
        try:
            _put(call, group, given)
        except AwsError as error:
            failed.append(_failure(given["ScheduledActionName"], error))
    return {"FailedScheduledUpdateGroupActions": failed}


def _failure(name: str, error: AwsError) -> dict[str, str]:
    return {"ScheduledActionName": name, "ErrorCode": error.code, "ErrorMessage": error.message}


@operation("autoscaling", "DescribeScheduledActions")
def describe_scheduled_actions(call: Call) -> Result:
    """Those that will run yet, by group, names and time; StartTime is when each runs next."""
    owner, names = call.params.get("AutoScalingGroupName"), call.params.get("ScheduledActionNames") or []
    earliest, latest = _bound(call, "StartTime"), _bound(call, "EndTime")
    found = [
        {**one.settings, "StartTime": one.next, "Time": one.next}
        for group in _known(call).by_name.values()
        if owner in (None, group.name)
        for name, one in group.schedules.items()
        if (not names or name in names or one.settings["ScheduledActionARN"] in names)
        and (names or ((earliest is None or one.next >= earliest) and (latest is None or one.next <= latest)))
    ]
    shown, token = page(found, call.params)
    return {"ScheduledUpdateGroupActions": shown, "NextToken": token}


def _bound(call: Call, name: str) -> datetime | None:
    moment: datetime | None = call.params.get(name)
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


@operation("autoscaling", "DeleteScheduledAction")
def delete_scheduled_action(call: Call) -> Result:
    """Raises ValidationError for one that is not there."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    if group.schedules.pop(call.params["ScheduledActionName"], None) is None:
        raise validation_error(f"Scheduled action name not found - {call.params['ScheduledActionName']}")
    return None


@operation("autoscaling", "BatchDeleteScheduledAction")
def batch_delete_scheduled_actions(call: Call) -> Result:
    """Each for itself; those that failed are told."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    failed = [
        _failure(name, validation_error(f"Scheduled action name not found - {name}"))
        for name in call.params["ScheduledActionNames"]
        if group.schedules.pop(name, None) is None
    ]
    return {"FailedScheduledActions": failed}
