"""CloudWatch: reading metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.cloud.aws.session import pages
from apps.cloud.aws.shapes import chunks
from apps.cloud.values import MetricQuery, MetricSeries, Target

QUERIES_PER_CALL = 500


def get_metrics(
    target: Target, queries: Sequence[MetricQuery], start: datetime, end: datetime
) -> dict[str, MetricSeries]:
    """The points of each query between two aware times, by the query's key; 500 queries a call.

    A metric nobody wrote has no points; it is not an error.
    """
    points: dict[str, list[tuple[datetime, float]]] = {query.key: [] for query in queries}
    for batch in chunks(queries, QUERIES_PER_CALL):
        names = {f"q{number}": query for number, query in enumerate(batch)}
        for page in pages(
            target,
            "cloudwatch",
            "GetMetricData",
            MetricDataQueries=[_query(name, query) for name, query in names.items()],
            StartTime=start,
            EndTime=end,
            ScanBy="TimestampAscending",
        ):
            for result in page["MetricDataResults"]:
                points[names[result["Id"]].key] += zip(result["Timestamps"], result["Values"], strict=True)
    return {key: _series(key, found) for key, found in points.items()}


def _query(name: str, query: MetricQuery) -> dict[str, object]:
    return {
        "Id": name,
        "ReturnData": True,
        "MetricStat": {
            "Metric": {
                "Namespace": query.namespace,
                "MetricName": query.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions.items()],
            },
            "Period": query.period,
            "Stat": query.statistic,
        },
    }


def _series(key: str, points: Iterable[tuple[datetime, float]]) -> MetricSeries:
    ordered = sorted(points)
    return MetricSeries(key, tuple(time for time, _ in ordered), tuple(value for _, value in ordered))
