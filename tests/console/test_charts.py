"""Charts of what both groups did while a deployment went on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.console.build import charts
from apps.console.build.charts import HEIGHT, WIDTH, charts_page
from apps.deployments.models import Deployment
from apps.inventory.selectors.metrics import GroupMetrics
from apps.workflows.models import Step
from tests.console import world

Values = tuple[tuple[float, ...], tuple[float | None, ...]]


def measured(values: Values, start: datetime, end: datetime) -> GroupMetrics:
    """Three periods: at the beginning, in the middle, at the end."""
    requests, latencies = values
    times = (start, start + (end - start) / 2, end)
    return GroupMetrics(requests[-1], 0.0, latencies[-1], times, requests, (0.0, 0.0, 0.0), latencies)


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch, operator: Client) -> Deployment:
    """A deployment whose groups have published metrics."""
    world.moving()
    known: dict[str, Values] = {
        "api-prod-v012": ((100.0, 50.0, 0.0), (20.0, 22.0, None)),
        "api-prod-v013": ((0.0, 50.0, 104.0), (None, 30.0, 31.0)),
    }

    def between(*asked: Any) -> dict[str, GroupMetrics]:
        names, start, end = asked[2:]
        return {name: measured(known[name], start, end) if name in known else GroupMetrics() for name in names}

    monkeypatch.setattr(charts, "metrics_between", between)
    deployment = Deployment.objects.get()
    Deployment.objects.filter(pk=deployment.pk).update(from_group="api-prod-v012", to_group="api-prod-v013")
    return Deployment.objects.get()


def test_lines_are_drawn_to_scale_and_broken_where_nothing_is_known(moving: Deployment) -> None:
    requests, errors, latency = charts_page(moving).charts
    assert (requests.top, errors.top, latency.top) == ("104", "1", "31 ms")
    leaving, coming = requests.lines
    assert (leaving.look, coming.look) == ("leaving", "coming")
    assert coming.paths == (f"0.0,{HEIGHT} {WIDTH / 2},{HEIGHT - 50 / 104 * HEIGHT:.1f} {WIDTH},0.0",)
    assert [len(line.paths[0].split()) for line in latency.lines] == [2, 2]
    assert latency.lines[0].last == "22 ms"


def test_each_chart_is_said_in_words_and_by_version(operator: Client, moving: Deployment) -> None:
    text = operator.get(f"/deployments/{moving.pk}/charts/").content.decode()
    version = f"v013 ({moving.to_version})"
    assert f"{version}: from 0 to 104, at most 104" in text
    assert text.count('<svg class="chart__drawing"') == 3
    assert "<h1>" in text
    part = operator.get(f"/deployments/{moving.pk}/charts/", headers={"HX-Request": "true"}).content.decode()
    assert "<h1>" not in part


def test_the_moment_is_shown_at_which_traffic_began_to_move(moving: Deployment) -> None:
    Step.objects.filter(run=moving.run, kind="take-traffic").update(started_at=None)
    assert charts_page(moving).moved is None
    page = charts_page(moving)
    middle = page.since + (page.until - page.since) / 2
    Step.objects.filter(run=moving.run, kind="take-traffic").update(started_at=middle)
    moved = charts_page(Deployment.objects.get()).moved
    assert moved is not None
    assert WIDTH / 2 - 2 < moved < WIDTH / 2 + 2


def test_an_ended_deployment_is_asked_no_more_and_without_metrics_it_says_so(operator: Client) -> None:
    world.settled()
    ended = Deployment.objects.latest("pk")
    run = ended.run
    run.ended_at = timezone.now() - timedelta(hours=1)
    run.started_at = run.ended_at - timedelta(minutes=1)
    run.save()
    answer = operator.get(f"/deployments/{ended.pk}/charts/", headers={"HX-Request": "true"})
    assert answer.status_code == 286
    assert "CloudWatch has no metrics of these groups" in answer.content.decode()
