"""How much of what an account may have in a region: Service Quotas, and the limits two services tell themselves."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from apps.cloud.aws.cloudwatch import get_metrics
from apps.cloud.aws.session import call, pages
from apps.cloud.values import MetricQuery, Quota, ScalingLimits, Target

KEPT_FOR = 300.0  # seconds: quotas change by request, hours later
USAGE_PERIOD = 300  # seconds between points of AWS's usage metrics
USAGE_WITHIN = timedelta(minutes=30)

_lock = threading.Lock()
_quotas: dict[tuple[str, str, str, str], tuple[float, Quota]] = {}


def quota(target: Target, service: str, code: str) -> Quota:
    """A quota by Service Quotas' code of service and quota, as ("ec2", "L-1216C47A"); kept for five minutes.

    Raises NotFound where AWS has no such quota.
    """
    key = (target.account, target.region, service, code)
    known = _quotas.get(key)
    if known and time.monotonic() - known[0] < KEPT_FOR:
        return known[1]
    shape = call(target, "service-quotas", "GetServiceQuota", ServiceCode=service, QuotaCode=code)["Quota"]
    metric = shape.get("UsageMetric") or {}
    found = Quota(
        code=code,
        name=shape.get("QuotaName", code),
        value=shape["Value"],
        namespace=metric.get("MetricNamespace", ""),
        metric=metric.get("MetricName", ""),
        dimensions=metric.get("MetricDimensions") or {},
        statistic=metric.get("MetricStatisticRecommendation") or "Maximum",
    )
    with _lock:
        _quotas[key] = (time.monotonic(), found)
    return found


def used(target: Target, of: Quota) -> float | None:
    """How much of a quota is used, as CloudWatch last told, some minutes ago; None where it does not tell."""
    if not of.metric:
        return None
    query = MetricQuery("used", of.namespace, of.metric, of.statistic, USAGE_PERIOD, of.dimensions)
    now = datetime.now(UTC)
    points = get_metrics(target, [query], now - USAGE_WITHIN, now)["used"].values
    return points[-1] if points else None


def scaling_limits(target: Target) -> ScalingLimits:
    """Auto Scaling's own limits, and how much of them is used."""
    answer = call(target, "autoscaling", "DescribeAccountLimits")
    return ScalingLimits(
        groups=answer.get("NumberOfAutoScalingGroups") or 0,
        most_groups=answer["MaxNumberOfAutoScalingGroups"],
    )


def balancing_limits(target: Target, *, classic: bool = False) -> dict[str, int]:
    """Elastic Load Balancing's limits by name, as `target-groups` and `targets-per-application-load-balancer`.

    `classic`: those of classic load balancers instead, as `classic-registered-instances`.
    """
    answers = pages(target, "elb" if classic else "elbv2", "DescribeAccountLimits", PageSize=400)
    return {each["Name"]: int(each["Max"]) for answer in answers for each in answer["Limits"] if each.get("Max")}
