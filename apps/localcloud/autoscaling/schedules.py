"""Scheduled actions: when each is due, and what it does to its group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.localcloud.autoscaling.activities import Activity, record, stamp
from apps.localcloud.autoscaling.capacity import Sizes, change
from apps.localcloud.autoscaling.cron import Cron, parse
from apps.localcloud.autoscaling.model import Group, Schedule
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.errors import validation_error

_SIZES = ("MinSize", "MaxSize", "DesiredCapacity")


def checked(settings: Mapping[str, Any]) -> Schedule:
    """A schedule from a request's members. Raises AwsError."""
    start, end = _moment(settings.get("StartTime")), _moment(settings.get("EndTime"))
    cron, zone = _recurrence(settings), _zone(settings.get("TimeZone"))
    if start is None and cron is None:
        raise validation_error("Start Time or Recurrence must be specified")
    if start is not None and start <= now():
        raise validation_error("Given start time is in the past")
    if end is not None and end <= (start or now()):
        raise validation_error("Given end time is earlier than the start time, or in the past")
    if all(settings.get(name) is None for name in _SIZES):
        raise validation_error("At least one of MinSize, MaxSize and DesiredCapacity must be specified")
    sizes = [settings.get(name) for name in ("MinSize", "DesiredCapacity", "MaxSize")]
    given = [int(one) for one in sizes if one is not None]
    if given != sorted(given) or given[0] < 0:
        raise validation_error("MinSize, DesiredCapacity and MaxSize must be in this order, and not negative")
    first = cron.after(start - timedelta(seconds=1) if start else now(), zone) if cron else start
    if first is None or (end is not None and first > end):
        raise validation_error("The action would never run between its start time and its end time")
    return Schedule(dict(settings), zone, cron, end, first)


def _moment(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _recurrence(settings: Mapping[str, Any]) -> Cron | None:
    text = settings.get("Recurrence")
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise validation_error(f"Given recurrence string: {text} is invalid: {error}") from error


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "Etc/UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise validation_error(f"Time zone {name} is not known") from error


def begin(cloud: Cloud, group: Group, name: str, schedule: Schedule) -> None:
    """Has the action run when it is due; another put under its name takes its place.

    Where minutes are shorter, so is the time until it first runs, and from then on between two runs.
    """
    schedule.due = now()
    _await(cloud, group, name, schedule, since=schedule.due)


def _await(cloud: Cloud, group: Group, name: str, schedule: Schedule, since: datetime) -> None:
    schedule.due += (schedule.next - since) / cloud.options.scaling_divisor
    delay = (schedule.due - now()).total_seconds()
    cloud.scheduler.after(max(0.0, delay), partial(_run, cloud, group, name, schedule))


def _run(cloud: Cloud, group: Group, name: str, schedule: Schedule) -> None:
    if group.schedules.get(name) is not schedule or group.deleting:
        return
    if group.runs("ScheduledActions"):
        _act(cloud, group, name, schedule.settings)
    since = schedule.next
    following = schedule.cron.after(since, schedule.zone) if schedule.cron else None
    if following is None or (schedule.end is not None and following > schedule.end):
        del group.schedules[name]
        return
    schedule.next = following
    _await(cloud, group, name, schedule, since)


def _act(cloud: Cloud, group: Group, name: str, settings: Mapping[str, Any]) -> None:
    low, high, desired = (settings.get(one) for one in _SIZES)
    least = group.min_size if low is None else int(low)
    most = group.max_size if high is None else int(high)
    wanted = group.desired if desired is None else int(desired)
    if least > most or (desired is not None and not least <= wanted <= most):
        _refuse(group, name, f"min size {least}, max size {most} and desired capacity {wanted} do not agree")
        return
    sizes = Sizes(least, most, max(least, min(most, wanted)))
    change(cloud, group, sizes, f"the scheduled action {name} executed,")


def _refuse(group: Group, name: str, why: str) -> None:
    activity = Activity(
        group=group.name,
        description=f"Executing scheduled action: {name}.  Status Reason: {why}",
        cause=f"At {stamp()} the scheduled action {name} was due.",
        details={},
    )
    record(group.activities, activity).finish("Failed", why)
