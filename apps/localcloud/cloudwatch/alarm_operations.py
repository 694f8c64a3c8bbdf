"""Putting, describing, deleting and switching alarms on single metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.cloudwatch.alarms import ACTION_MEMBERS, Alarm, Alarms, alarms, enter
from apps.localcloud.cloudwatch.evaluation import COMPARISONS, TREATMENTS
from apps.localcloud.cloudwatch.store import dimensions
from apps.localcloud.cloudwatch.watch import schedule, unwatch, watch
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation

_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(100|\d{1,2}(\.\d{1,10})?)")
_NEEDED = ("Namespace", "MetricName", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
_SHORT_PERIODS = (10, 20, 30)


def put(cloud: Cloud, account: str, region: str, given: Mapping[str, Any]) -> Alarm:
    """Makes an alarm, or changes one wholly: it keeps its state until it is next evaluated. Raises AwsError."""
    settings = _checked(given)
    known, name = alarms(cloud, account, region).by_name, str(given["AlarmName"])
    alarm = known.get(name)
    if alarm is None:
        arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
        alarm = known[name] = Alarm(name, arn, account, region, settings)
        alarm.note("ConfigurationUpdate", f'Alarm "{name}" created')
    else:
        unwatch(cloud, alarm)
        alarm.settings, alarm.configured = settings, now()
        alarm.note("ConfigurationUpdate", f'Alarm "{name}" updated')
    watch(cloud, alarm)
    return alarm


def delete(cloud: Cloud, alarm: Alarm) -> None:
    """Forgets it; nobody is told."""
    unwatch(cloud, alarm)
    alarms(cloud, alarm.account, alarm.region).by_name.pop(alarm.name, None)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    settings = {name: value for name, value in given.items() if value is not None and name not in ("AlarmName", "Tags")}
    if settings.get("Metrics"):
        raise validation_error("The embedded cloud offers alarms on single metrics only, not on Metrics.")
    missing = [name for name in _NEEDED if name not in settings]
    if missing:
        raise validation_error(f"The parameter {missing[0]} must be specified for an alarm on a single metric.")
    _check_statistic(settings)
    _check_numbers(settings)
    if settings["ComparisonOperator"] not in COMPARISONS:
        raise validation_error(f"The embedded cloud does not offer the comparison {settings['ComparisonOperator']}.")
    if settings.get("TreatMissingData") not in (None, *TREATMENTS):
        raise validation_error(f"The value {settings['TreatMissingData']} for TreatMissingData is invalid.")
    lists = {name: list(settings.get(name) or []) for name in (*ACTION_MEMBERS.values(), "Dimensions")}
    return {"ActionsEnabled": True, **settings, **lists}


def _check_statistic(settings: Mapping[str, Any]) -> None:
    plain, extended = settings.get("Statistic"), settings.get("ExtendedStatistic")
    if bool(plain) == bool(extended):
        raise validation_error("Exactly one of Statistic and ExtendedStatistic must be specified.")
    if plain and plain not in _STATISTICS:
        raise validation_error(f"The value {plain} for parameter Statistic is invalid.")
    if extended and not _PERCENTILE.fullmatch(extended):
        raise validation_error(f"The value {extended} for parameter ExtendedStatistic is not supported.")


def _check_numbers(settings: Mapping[str, Any]) -> None:
    period, periods = int(settings["Period"]), int(settings["EvaluationPeriods"])
    if period not in _SHORT_PERIODS and (period <= 0 or period % 60):
        raise validation_error("Metric periods must be 10, 20, 30, or a multiple of 60 seconds.")
    if periods < 1 or period * periods > 7 * 86400:
        raise validation_error("Metrics cannot be checked across more than seven days.")
    if int(settings.get("DatapointsToAlarm") or 1) > periods:
        raise validation_error("DatapointsToAlarm must not be greater than EvaluationPeriods.")


def _known(call: Call) -> Alarms:
    return alarms(call.cloud, call.account, call.region)


@operation("cloudwatch", "PutMetricAlarm")
def put_metric_alarm(call: Call) -> Result:
    """A new one is INSUFFICIENT_DATA until it is evaluated."""
    alarm = put(call.cloud, call.account, call.region, call.params)
    alarm.tags.update({one["Key"]: one["Value"] for one in call.params.get("Tags") or []})
    return None


def _shown(call: Call, found: Iterable[Alarm]) -> dict[str, Any]:
    token = str(call.params.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("InvalidNextToken", "The NextToken is invalid.")
    start, most = int(token), int(call.params.get("MaxRecords") or 50)
    ordered = sorted(found, key=lambda one: one.name)
    following = str(start + most) if start + most < len(ordered) else None
    return {"MetricAlarms": [one.view() for one in ordered[start : start + most]], "NextToken": following}


@operation("cloudwatch", "DescribeAlarms")
def describe_alarms(call: Call) -> Result:
    """By names or their beginning, state, and beginning of an action; composite alarms there are none."""
    params = call.params
    if "MetricAlarm" not in (params.get("AlarmTypes") or ["MetricAlarm"]):
        return {"MetricAlarms": [], "CompositeAlarms": []}
    names, prefix = set(params.get("AlarmNames") or []), params.get("AlarmNamePrefix") or ""
    state, action = params.get("StateValue"), params.get("ActionPrefix")
    found = [
        one
        for one in _known(call).by_name.values()
        if (not names or one.name in names)
        and one.name.startswith(prefix)
        and state in (None, one.state)
        and (not action or any(arn.startswith(action) for arn in all_actions(one)))
    ]
    return {**_shown(call, found), "CompositeAlarms": []}


def all_actions(alarm: Alarm) -> list[str]:
    """Of every state."""
    return [arn for member in ACTION_MEMBERS.values() for arn in alarm.settings[member]]


@operation("cloudwatch", "DescribeAlarmsForMetric")
def describe_alarms_for_metric(call: Call) -> Result:
    """Those on exactly this metric; statistic, period and unit narrow it."""
    params = call.params
    key = (params["Namespace"], params["MetricName"], dimensions(params.get("Dimensions") or []))
    narrowing = ("Statistic", "ExtendedStatistic", "Period", "Unit")
    found = [
        one
        for one in _known(call).by_name.values()
        if one.key == key and all(params.get(name) in (None, one.settings.get(name)) for name in narrowing)
    ]
    return {"MetricAlarms": [one.view() for one in sorted(found, key=lambda one: one.name)]}


@operation("cloudwatch", "DeleteAlarms")
def delete_alarms(call: Call) -> Result:
    """All or none: one that is not there is refused."""
    names = list(call.params["AlarmNames"])
    missing = [one for one in names if one not in _known(call).by_name]
    if missing:
        raise AwsError("ResourceNotFound", f"Unable to find alarms: [{', '.join(missing)}]", 404)
    for name in names:
        delete(call.cloud, _known(call).by_name[name])
    return None


def _named(call: Call, name: str) -> Alarm:
    found = _known(call).by_name.get(name)
    if found is None:
        raise AwsError("ResourceNotFound", f"Unable to find alarm: {name}", 404)
    return found


@operation("cloudwatch", "SetAlarmState")
def set_alarm_state(call: Call) -> Result:
    """Until it is next evaluated; the actions of the state are taken."""
    alarm, state = _named(call, call.params["AlarmName"]), call.params["StateValue"]
    if state not in ACTION_MEMBERS:
        raise validation_error(f"The value {state} for parameter StateValue is invalid.")
    enter(call.cloud, alarm, state, call.params["StateReason"], (), call.params.get("StateReasonData") or "")
    schedule(call.cloud, alarm)
    return None


def _switch(call: Call, on: bool) -> None:
    for name in call.params["AlarmNames"]:
        alarm = _known(call).by_name.get(name)
        if alarm is not None:
            alarm.settings["ActionsEnabled"], alarm.configured = on, now()
            schedule(call.cloud, alarm)


@operation("cloudwatch", "EnableAlarmActions")
def enable_alarm_actions(call: Call) -> Result:
    """Names that are not there are left out."""
    _switch(call, True)
    return None


@operation("cloudwatch", "DisableAlarmActions")
def disable_alarm_actions(call: Call) -> Result:
    """They are evaluated still, and nobody is told."""
    _switch(call, False)
    return None


@operation("cloudwatch", "DescribeAlarmHistory")
def describe_alarm_history(call: Call) -> Result:
    """The newest first, of one alarm or all, by kind of item."""
    name, kind = call.params.get("AlarmName"), call.params.get("HistoryItemType")
    found = [
        item
        for alarm in _known(call).by_name.values()
        if name in (None, alarm.name)
        for item in alarm.history
        if kind in (None, item["HistoryItemType"])
    ]
    newest = call.params.get("ScanBy") != "TimestampAscending"
    found.sort(key=lambda item: item["Timestamp"], reverse=newest)
    return {"AlarmHistoryItems": found[: int(call.params.get("MaxRecords") or 100)]}
