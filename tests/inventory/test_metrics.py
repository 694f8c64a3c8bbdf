"""Requests, errors and latency of groups, as their instances publish them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from apps.cloud.aws.session import call, observe
from apps.inventory.selectors.metrics import GroupMetrics, group_metrics, metrics_between, period_of

pytestmark = pytest.mark.django_db

REGION, GROUP = "us-east-1", "shop-main-v001"


@pytest.fixture(autouse=True)
def _nothing_cached():
    cache.clear()


def publish(target, at, **values):
    data = [
        {"MetricName": name, "Value": value, "Timestamp": at, "Unit": "Milliseconds" if name == "Latency" else "Count",
         "Dimensions": [{"Name": "AutoScalingGroupName", "Value": GROUP}]}
        for name, value in values.items()
    ]  # fmt: skip
    call(target, "cloudwatch", "PutMetricData", Namespace="Service", MetricData=data)


def last_complete_minute():
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=2)


def test_rates_are_of_the_latest_complete_period(environment, target):
    minute = last_complete_minute()
    for second, latency in ((5, 10.0), (35, 30.0)):
        publish(target, minute + timedelta(seconds=second), Requests=300.0, Errors=30.0, Latency=latency)
        publish(target, minute + timedelta(seconds=60 + second), Requests=600.0, Errors=6.0, Latency=latency)
    found = group_metrics(environment, REGION, [GROUP])[GROUP]
    assert found.times == tuple(sorted(found.times))
    at = found.times.index(minute)
    assert (found.requests[at], found.errors[at]) == (10.0, 1.0)
    assert found.requests_per_second in {10.0, 20.0}
    assert found.failure_percent == pytest.approx(10.0 if found.requests_per_second == 10.0 else 1.0)
    assert found.latency == 20.0


def test_a_group_that_never_published_has_no_metrics(environment):
    assert group_metrics(environment, REGION, ["nobody-v000"]) == {"nobody-v000": GroupMetrics()}


def test_a_group_that_went_silent_has_none_a_second(environment, target):
    publish(target, last_complete_minute() - timedelta(minutes=4), Requests=60.0)
    found = group_metrics(environment, REGION, [GROUP])[GROUP]
    assert (found.requests_per_second, found.failure_percent) == (0.0, None)
    assert max(found.requests) == 1.0
    assert found.known_until == last_complete_minute() - timedelta(minutes=3)


def test_between_two_moments_each_period_has_its_values_and_a_gap_has_no_latency(environment, target):
    minute = last_complete_minute()
    publish(target, minute - timedelta(minutes=2), Requests=120.0, Errors=6.0, Latency=20.0)
    publish(target, minute, Requests=60.0, Latency=40.0)
    found = metrics_between(environment, REGION, [GROUP], minute - timedelta(minutes=3), minute + timedelta(seconds=70))
    values = found[GROUP]
    at = values.times.index(minute)
    assert values.requests[at - 2 : at + 1] == (2.0, 0.0, 1.0)
    assert values.errors[at - 2 : at + 1] == (0.1, 0.0, 0.0)
    assert values.latencies[at - 2 : at + 1] == (20.0, None, 40.0)


@pytest.mark.parametrize(
    ("ago", "lasted", "period"),
    [
        (timedelta(minutes=10), timedelta(minutes=10), 60),
        (timedelta(hours=4), timedelta(hours=4), 120),
        (timedelta(days=16), timedelta(hours=1), 300),
        (timedelta(days=16), timedelta(hours=12), 600),
    ],
)
def test_periods_are_those_that_cloudwatch_still_has(ago, lasted, period):
    now = datetime.now(UTC)
    assert period_of(now - ago, now - ago + lasted, now) == period


@pytest.mark.parametrize(("minutes", "period"), [(8, 5), (15, 10), (30, 30), (90, 60)])
def test_short_whiles_are_shown_finely_where_instances_report_often(settings, minutes, period):
    settings.METRICS_PERIOD = 5
    now = datetime.now(UTC)
    assert period_of(now - timedelta(minutes=minutes), now, now) == period


def test_everybody_who_looks_shares_one_read(environment):
    calls = []
    with observe(calls.append):
        for _ in range(3):
            group_metrics(environment, REGION, [GROUP, "other-v000"])
    assert [each.operation for each in calls] == ["GetMetricData"]


def test_without_an_answer_there_are_no_metrics_and_no_error(environment, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("apps.cloud.aws.pace.ATTEMPTS", 1)
    assert group_metrics(environment, REGION, [GROUP]) == {GROUP: GroupMetrics(answered=False)}


def test_nothing_asked_is_nothing_read(environment):
    assert group_metrics(environment, REGION, []) == {}
