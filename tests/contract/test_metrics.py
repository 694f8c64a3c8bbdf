"""CloudWatch metrics: what is put is read back, aggregated by period."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.shape

_WHERE = [{"Name": "AutoScalingGroupName", "Value": "app-v001"}]


def _put(stack: Stack, **data: Any) -> datetime:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    datum = {"MetricName": "Latency", "Dimensions": _WHERE, "Timestamp": moment, **data}
    stack.client("cloudwatch").put_metric_data(Namespace="Contract", MetricData=[datum])
    return moment


def _read(stack: Stack, moment: datetime, period: int, *statistics: str) -> list[list[float]]:
    metric = {"Namespace": "Contract", "MetricName": "Latency", "Dimensions": _WHERE}
    queries = [
        {"Id": f"q{index}", "MetricStat": {"Metric": metric, "Period": period, "Stat": name}}
        for index, name in enumerate(statistics)
    ]
    start = moment - timedelta(minutes=2)
    told = stack.client("cloudwatch").get_metric_data(
        StartTime=start, EndTime=start + timedelta(minutes=6), MetricDataQueries=queries
    )
    return [one["Values"] for one in told["MetricDataResults"]]


def test_values_with_counts_are_read_back_by_every_statistic(stack: Stack) -> None:
    """API reference, MetricDatum: Values and Counts; MetricStat: Stat may be a percentile."""
    moment = _put(stack, Values=[1.0, 2.0, 10.0], Counts=[8.0, 1.0, 1.0])

    def read() -> list[list[float]] | None:
        found = _read(stack, moment, 60, "Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50")
        return found if all(found) else None

    assert stack.eventually(read, "the metric") == [[20.0], [2.0], [1.0], [10.0], [10.0], [1.0]]


def test_high_resolution_metrics_are_read_in_tens_of_seconds(stack: Stack) -> None:
    """API reference, StorageResolution 1: periods of 1, 5, 10, 20, 30 seconds."""
    moment = _put(stack, Value=3.0, StorageResolution=1)
    found = stack.eventually(lambda: _read(stack, moment, 10, "Sum")[0], "the metric")
    assert found == [3.0]


def test_what_cannot_be_put_or_asked_is_refused(stack: Stack) -> None:
    """API reference: namespaces of AWS, and values together with statistic sets."""
    put = stack.client("cloudwatch").put_metric_data
    datum = {"MetricName": "Latency", "Value": 1.0}
    assert refused(put, Namespace="AWS/EC2", MetricData=[datum]) == "InvalidParameterValue"
    both = {**datum, "StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1}}
    assert refused(put, Namespace="Contract", MetricData=[both]) == "InvalidParameterCombination"


def test_metrics_are_listed_by_dimension(stack: Stack) -> None:
    """API reference, ListMetrics."""
    _put(stack, Value=1.0)
    listing = {"Namespace": "Contract", "Dimensions": [{"Name": "AutoScalingGroupName"}]}
    found = stack.eventually(lambda: stack.client("cloudwatch").list_metrics(**listing)["Metrics"], "the metric")
    assert {"Namespace": "Contract", "MetricName": "Latency", "Dimensions": _WHERE} in found
