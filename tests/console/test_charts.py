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
MOMENT = timedelta(seconds=1)


def measured(values: Values, start: datetime, end: datetime) -> GroupMetrics:
    """Three periods, all published: from the beginning, from the middle, and a moment before the end."""
    requests, latencies = values
    times = (start, start + (end - start) / 2, end)
    return GroupMetrics(requests[-1], 0.0, latencies[-1], times, requests, (0.0, 0.0, 0.0), latencies, end + MOMENT)


@pytest.fixture
def known() -> dict[str, Values]:
    """What each group has published: requests and latencies."""
    return {
        "api-prod-v012": ((100.0, 50.0, 0.0), (20.0, 22.0, None)),
        "api-prod-v013": ((0.0, 50.0, 104.0), (None, 30.0, 31.0)),
    }


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch, operator: Client, known: dict[str, Values]) -> Deployment:
    """A deployment whose groups have published metrics."""
    world.moving()

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
    assert charts.SILENT in answer.content.decode()


def test_what_was_not_published_yet_is_not_drawn_and_it_is_said_up_to_when_there_is_data(
    operator: Client, moving: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = timezone.now().replace(microsecond=0) - timedelta(seconds=40)

    def late(*asked: Any) -> dict[str, GroupMetrics]:
        times = (behind - timedelta(seconds=60), behind - timedelta(seconds=30), behind, behind + timedelta(seconds=20))
        rates = (8.0, 9.0, 0.0, 0.0)
        return {name: GroupMetrics(0.0, 0.0, None, times, rates, rates, rates, behind) for name in asked[2]}

    monkeypatch.setattr(charts, "metrics_between", late)
    page = charts_page(moving)
    assert page.told_until == behind
    assert [[len(path.split()) for path in line.paths] for line in page.charts[0].lines] == [[2], [2]]
    text = operator.get(f"/deployments/{moving.pk}/charts/").content.decode()
    assert f'data up to <time datetime="{behind.isoformat(timespec="seconds")}' in text


def test_a_group_that_has_published_nothing_yet_is_said_to_have_no_points_yet(
    operator: Client, moving: Deployment, known: dict[str, Values]
) -> None:
    requests, _ = known.pop("api-prod-v013")
    known["api-prod-v012"] = (requests, (None, None, None))
    page = charts_page(moving)
    assert [line.last for line in page.charts[0].lines] == ["104", "no points yet"]
    assert page.charts[2].top == ""
    text = operator.get(f"/deployments/{moving.pk}/charts/").content.decode()
    assert 'Latency <span class="soft">no values</span>' in text
    assert text.count('<svg class="chart__drawing"') == 2
    known.clear()
    assert charts_page(moving).problem == charts.NO_POINTS_YET


def test_a_latency_of_less_than_a_tenth_is_not_called_none(moving: Deployment, known: dict[str, Values]) -> None:
    known["api-prod-v012"] = known["api-prod-v013"] = ((1.0, 1.0, 1.0), (0.04, 0.03, 0.01))
    assert charts_page(moving).charts[2].top == "0.04 ms"
