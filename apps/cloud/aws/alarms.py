"""CloudWatch alarms: reading, putting and deleting them by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import Shape, chunks, tag_list
from apps.cloud.values import AlarmState, Target

SERVICE = "cloudwatch"
PAGE = 100  # the most names one call takes


def describe_alarms(target: Target, names: Iterable[str]) -> tuple[AlarmState, ...]:
    """The alarms of these names, composite ones among them; those that do not exist are left out. Sorted by name."""
    found = [
        alarm
        for batch in chunks(sorted(set(names)), PAGE)
        for page in pages(
            target,
            SERVICE,
            "DescribeAlarms",
            AlarmNames=batch,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=PAGE,
        )
        for alarm in _alarms(page)
    ]
    return tuple(sorted(found, key=lambda alarm: alarm.name))


def put_alarm(target: Target, alarm: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """PutMetricAlarm, with the parameters given; tags count only when the alarm is made.

    No client token, repeating it is harmless. Took effect if describe_alarms shows it.
    """
    call(target, SERVICE, "PutMetricAlarm", **alarm, Tags=tag_list(tags))


def delete_alarms(target: Target, names: Iterable[str]) -> None:
    """DeleteAlarms. No client token; took effect if describe_alarms no longer shows them.

    Name only alarms that exist: of others AWS may refuse the call.
    """
    for batch in chunks(sorted(set(names)), PAGE):
        call(target, SERVICE, "DeleteAlarms", AlarmNames=batch)


def _alarms(page: Shape) -> Iterable[AlarmState]:
    for member, composite in (("MetricAlarms", False), ("CompositeAlarms", True)):
        for shape in page.get(member) or ():
            yield AlarmState(
                name=shape["AlarmName"],
                state=shape.get("StateValue", ""),
                reason=shape.get("StateReason", ""),
                composite=composite,
                raw=shape,
            )
