"""Evaluating alarms: each at the end of a minute (ten seconds for short periods), and only while something can change.

An alarm sleeps when its metric has nothing in the range that it looks at; putting to the metric wakes it. One in a
state with scaling actions stays awake: Auto Scaling is told again each minute for as long as the state lasts.
"""

from __future__ import annotations

import math
from functools import partial

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.cloudwatch.alarms import Alarm, act, alarms, enter, reason_data
from apps.localcloud.cloudwatch.evaluation import EXTRA_PERIODS, verdict
from apps.localcloud.cloudwatch.series import Series, statistic
from apps.localcloud.cloudwatch.store import metrics

_LAG = 0.05  # share of a minute by which an evaluation follows the minute's end
_AGAIN = 0.9  # share of a minute after which scaling actions are taken again


def watch(cloud: Cloud, alarm: Alarm) -> None:
    """From now on `alarm` is evaluated whenever it is due. Watching one anew is harmless."""
    store = metrics(cloud, alarm.account, alarm.region)
    store.watchers.setdefault(alarm.key, {})[alarm.name] = partial(schedule, cloud, alarm)
    schedule(cloud, alarm)


def unwatch(cloud: Cloud, alarm: Alarm) -> None:
    """Before it is deleted, or told to look at another metric."""
    watchers = metrics(cloud, alarm.account, alarm.region).watchers
    watchers.get(alarm.key, {}).pop(alarm.name, None)
    if not watchers.get(alarm.key, True):
        del watchers[alarm.key]


def schedule(cloud: Cloud, alarm: Alarm) -> None:
    """Has it evaluated after the present minute's end; already being due then makes no second evaluation."""
    every = _every(cloud, alarm)
    moment = now().timestamp()
    due = (math.floor(moment / every) + 1) * every + _LAG * every
    cloud.scheduler.after(due - moment, partial(evaluate, cloud, alarm), key=("alarm", alarm.arn))


def evaluate(cloud: Cloud, alarm: Alarm) -> None:
    """Looks at its metric now, changes its state if need be, and takes its actions."""
    if alarms(cloud, alarm.account, alarm.region).by_name.get(alarm.name) is not alarm:
        return
    series = metrics(cloud, alarm.account, alarm.region).series.get(alarm.key)
    points = _points(cloud, alarm, series)
    told = verdict(alarm.rule, points, alarm.state)
    if told.state != alarm.state:
        enter(cloud, alarm, told.state, told.reason, told.values, reason_data(alarm, told.values))
    elif _acts_again(cloud, alarm):
        act(cloud, alarm, told.values)
    if _may_change(cloud, alarm, series) or _scales(alarm):
        schedule(cloud, alarm)


def _every(cloud: Cloud, alarm: Alarm) -> float:
    return (60 if alarm.period >= 60 else 10) / cloud.options.scaling_divisor


def _range(alarm: Alarm) -> int:
    return alarm.rule.periods + EXTRA_PERIODS


def _points(cloud: Cloud, alarm: Alarm, series: Series | None) -> list[float | None]:
    unit = alarm.settings.get("Unit")
    if series is None or (unit and series.unit != unit):
        return [None] * _range(alarm)
    every, length = _every(cloud, alarm), alarm.period / cloud.options.scaling_divisor
    end = math.floor(now().timestamp() / every) * every
    found: list[float | None] = []
    for index in range(_range(alarm)):
        bucket = series.within(end - (index + 1) * length, end - index * length)
        found.append(statistic(bucket, alarm.statistic) if bucket else None)
    return found


def _may_change(cloud: Cloud, alarm: Alarm, series: Series | None) -> bool:
    length = alarm.period / cloud.options.scaling_divisor
    return series is not None and series.last >= now().timestamp() - (_range(alarm) + 1) * length


def _scales(alarm: Alarm) -> bool:
    return any(arn.split(":")[2] == "autoscaling" for arn in alarm.actions)


def _acts_again(cloud: Cloud, alarm: Alarm) -> bool:
    minute = 60 / cloud.options.scaling_divisor
    return _scales(alarm) and now().timestamp() - alarm.acted >= _AGAIN * minute
