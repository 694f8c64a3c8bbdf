"""PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.localcloud.cloud import now
from apps.localcloud.cloudwatch.series import Series, statistic
from apps.localcloud.cloudwatch.store import dimensions, metrics
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation

_OLDEST, _NEWEST = timedelta(days=14), timedelta(hours=2)
_SHORT_PERIODS = (1, 5, 10, 20, 30)
_PAGE = 500


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


@operation("cloudwatch", "PutMetricData")
def put_metric_data(call: Call) -> Result:
    """All or none: everything is checked before anything is kept."""
    namespace = call.params["Namespace"]
    data = list(call.params.get("MetricData") or [])
    if not data:
        raise AwsError("MissingParameter", "The parameter MetricData is required.")
    if namespace.startswith("AWS/") and not call.cloud.options.put_aws_metrics:
        raise _invalid("The value AWS/ for parameter Namespace is invalid.")
    checked = [_checked(one) for one in data]
    store = metrics(call.cloud, call.account, call.region)
    for one, moment in zip(data, checked, strict=True):
        where = dimensions(one.get("Dimensions") or [])
        series = store.of(namespace, one["MetricName"], where)
        series.unit = one.get("Unit") or series.unit
        _put(series, one, moment)
    return None


def _checked(one: Mapping[str, Any]) -> float:
    """When the datum is of. Raises AwsError."""
    moment: datetime = one.get("Timestamp") or now()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not now() - _OLDEST <= moment <= now() + _NEWEST:
        raise _invalid("The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.")
    ways = [name for name in ("Value", "Values", "StatisticValues") if one.get(name) not in (None, [])]
    if len(ways) != 1:
        raise AwsError(
            "InvalidParameterCombination",
            "Exactly one of the parameters Value, Values and StatisticValues must be specified for each MetricDatum.",
        )
    numbers = one["Values"] if ways == ["Values"] else [one["Value"]] if ways == ["Value"] else []
    if any(not math.isfinite(float(value)) for value in numbers):
        raise _invalid("The value NaN for parameter MetricData.member.1.Value is invalid.")
    counts = one.get("Counts") or []
    if counts and len(counts) != len(numbers):
        raise _invalid("The parameters MetricData.member.1.Values and Counts must be of equal length.")
    if len(one.get("Dimensions") or []) > 30:
        raise _invalid("The collection MetricData.member.1.Dimensions must not have a size greater than 30.")
    return moment.timestamp()


def _put(series: Series, one: Mapping[str, Any], moment: float) -> None:
    bucket = series.bucket(moment, int(one.get("StorageResolution") or 60))
    summary = one.get("StatisticValues")
    if summary:
        numbers = [float(summary[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")]
        bucket.add_set(*numbers)
        return
    values = one.get("Values") or [one["Value"]]
    for value, count in zip(values, one.get("Counts") or [1.0] * len(values), strict=True):
        bucket.add(float(value), float(count))


def _period(value: object) -> int:
    period = int(str(value or 60))
    if period not in _SHORT_PERIODS and (period <= 0 or period % 60):
        raise _invalid("The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.")
    return period


def _window(call: Call) -> tuple[float, float]:
    moments = []
    for name in ("StartTime", "EndTime"):
        moment: datetime = call.params[name]
        moments.append((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if moments[0] >= moments[1]:
        raise AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    return moments[0], moments[1]


def _points(series: Series | None, window: tuple[float, float], period: int, stat: str) -> list[tuple[datetime, float]]:
    if series is None:
        return []
    if not series.fine:
        period = max(60, period)  # standard metrics have nothing finer
    found = []
    for begin, bucket in series.between(*window, period).items():
        try:
            value = statistic(bucket, stat)
        except ValueError:
            raise _invalid(f"The value {stat} for parameter Stat is not supported.") from None
        if value is not None:
            found.append((datetime.fromtimestamp(begin, UTC), value))
    return found


@operation("cloudwatch", "GetMetricData")
def get_metric_data(call: Call) -> Result:
    """Each query by metric and statistic; metric maths and SEARCH are not offered."""
    window = _window(call)
    oldest_first = call.params.get("ScanBy") == "TimestampAscending"
    results = []
    for query in call.params["MetricDataQueries"]:
        asked = query.get("MetricStat")
        if not asked:
            raise AwsError("ValidationError", f"Query '{query.get('Id')}': the embedded cloud offers MetricStat only.")
        if query.get("ReturnData") is False:
            continue
        metric = asked["Metric"]
        series = metrics(call.cloud, call.account, call.region).find(
            metric["Namespace"], metric["MetricName"], dimensions(metric.get("Dimensions") or [])
        )
        points = _points(series, window, _period(asked["Period"]), asked["Stat"])
        if not oldest_first:
            points.reverse()
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or metric["MetricName"],
                "Timestamps": [moment for moment, _ in points],
                "Values": [value for _, value in points],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results, "Messages": []}


@operation("cloudwatch", "GetMetricStatistics")
def get_metric_statistics(call: Call) -> Result:
    """The older way: one metric, several statistics."""
    params = call.params
    window, period = _window(call), _period(params["Period"])
    if (window[1] - window[0]) / period > 1440:
        raise AwsError(
            "InvalidParameterCombination",
            "You have requested up to more than 1,440 datapoints, which exceeds the limit of 1,440.",
        )
    plain, extended = params.get("Statistics") or [], params.get("ExtendedStatistics") or []
    if not plain and not extended:
        raise AwsError("InvalidParameterCombination", "Statistics or ExtendedStatistics must be specified.")
    series = metrics(call.cloud, call.account, call.region).find(
        params["Namespace"], params["MetricName"], dimensions(params.get("Dimensions") or [])
    )
    found: dict[datetime, dict[str, Any]] = {}
    for name in plain:
        for moment, value in _points(series, window, period, name):
            found.setdefault(moment, {"Timestamp": moment})[name] = value
    for name in extended:
        for moment, value in _points(series, window, period, name):
            found.setdefault(moment, {"Timestamp": moment}).setdefault("ExtendedStatistics", {})[name] = value
    unit = series.unit if series else "None"
    return {"Label": params["MetricName"], "Datapoints": [{**one, "Unit": unit} for one in found.values()]}


@operation("cloudwatch", "ListMetrics")
def list_metrics(call: Call) -> Result:
    """By namespace, name and dimensions."""
    params = call.params
    wanted = tuple((one["Name"], one.get("Value") or "") for one in params.get("Dimensions") or [])
    recent = now().timestamp() - 3 * 3600 if params.get("RecentlyActive") == "PT3H" else 0.0
    store = metrics(call.cloud, call.account, call.region)
    found = [
        key
        for key, series in store.matching(params.get("Namespace"), params.get("MetricName"), wanted)
        if series.last >= recent
    ]
    token = str(params.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("InvalidParameterValue", "The NextToken is invalid.")
    start = int(token)
    shown = [
        {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": one, "Value": value} for one, value in where],
        }
        for namespace, name, where in found[start : start + _PAGE]
    ]
    following = str(start + _PAGE) if start + _PAGE < len(found) else None
    return {"Metrics": shown, "NextToken": following}
