"""Requests, errors and latency of both groups of a deployment while it went on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from apps.console.build.history import short
from apps.console.pages.chart import Chart, ChartLine, ChartsPage
from apps.deployments.models import Deployment
from apps.inventory.selectors.metrics import GroupMetrics, metrics_between

WIDTH, HEIGHT = 320.0, 80.0  # of the drawing
AROUND = timedelta(minutes=3)  # shown before it began and after it ended
LONGEST = timedelta(hours=12)  # shown at most, the latest
MOVING = ("share-traffic", "take-traffic", "give-traffic")
Values = Sequence[float | None]
Points = Sequence[tuple[float, float] | None]  # from the left in units of the drawing; up as a part of all
Scale = Callable[[datetime], float]  # how far from the left a moment is


def charts_page(deployment: Deployment) -> ChartsPage:
    """Reads CloudWatch; without an answer, or without metrics, it says so."""
    run, now = deployment.run, timezone.now()
    until = min((run.ended_at or now) + AROUND, now)
    since = max((run.started_at or deployment.created_at) - AROUND, until - LONGEST)
    groups = _groups(deployment)
    live = run.ended_at is None or now < run.ended_at + AROUND
    cluster = deployment.cluster
    found = metrics_between(cluster.environment, cluster.region, groups, since, until)
    shown = {name: found[name] for name in groups if found[name].times}
    problem = "" if shown else "CloudWatch has no metrics of these groups, or does not answer."

    def scale(at: datetime) -> float:
        return (at - since) / (until - since) * WIDTH

    charts = tuple(_charts(deployment, shown, scale)) if shown else ()
    moved = _moved(deployment, since, until, scale)
    return ChartsPage(deployment.pk, since, until, charts, moved, live, problem)


def _groups(deployment: Deployment) -> list[str]:
    return [name for name in dict.fromkeys((deployment.from_group, deployment.to_group)) if name]


def _charts(deployment: Deployment, shown: Mapping[str, GroupMetrics], scale: Scale) -> Iterator[Chart]:
    for title, unit, values in (
        ("Requests a second", "", {name: each.requests for name, each in shown.items()}),
        ("Errors a second", "", {name: each.errors for name, each in shown.items()}),
        ("Latency", " ms", {name: each.latencies for name, each in shown.items()}),
    ):
        times = {name: each.times for name, each in shown.items()}
        yield _chart(deployment, title, unit, times, values, scale)


def _chart(
    deployment: Deployment,
    title: str,
    unit: str,
    times: Mapping[str, Sequence[datetime]],
    values: Mapping[str, Values],
    scale: Scale,
) -> Chart:
    top = max((value for each in values.values() for value in each if value is not None), default=0.0) or 1.0
    drawn = {
        name: [None if value is None else (scale(at), value / top) for at, value in zip(times[name], each, strict=True)]
        for name, each in values.items()
    }
    lines = tuple(_line(deployment, name, each, drawn[name], unit) for name, each in values.items())
    told = "; ".join(f"{line.name}: {_told(values[name], unit)}" for name, line in zip(values, lines, strict=True))
    return Chart(title, _number(top, unit), lines, f"{title}. {told}.")


def _line(deployment: Deployment, name: str, values: Values, drawn: Points, unit: str) -> ChartLine:
    look = "coming" if name == deployment.to_group else "leaving"
    version = deployment.to_version if look == "coming" else deployment.from_version
    last = next((value for value in reversed(values) if value is not None), None)
    label = f"{short(name)} ({version})" if version else short(name)
    return ChartLine(label, look, tuple(_pieces(drawn)), "none" if last is None else _number(last, unit))


def _pieces(drawn: Points) -> Iterator[str]:
    """The unbroken pieces: where there is no value, there is no line."""
    for known, run in groupby(drawn, key=lambda point: point is not None):
        if known:
            yield " ".join(f"{point[0]:.1f},{HEIGHT - point[1] * HEIGHT:.1f}" for point in run if point)


def _told(values: Values, unit: str) -> str:
    """First, highest and last value, in words."""
    known = [value for value in values if value is not None]
    if not known:
        return "no value"
    return f"from {_number(known[0], unit)} to {_number(known[-1], unit)}, at most {_number(max(known), unit)}"


def _number(value: float, unit: str) -> str:
    return f"{value:.0f}{unit}" if value >= 10 else f"{value:.1f}{unit}".replace(".0", "")


def _moved(deployment: Deployment, since: datetime, until: datetime, scale: Scale) -> float | None:
    """Where the first step that moves traffic began."""
    began = [step.started_at for step in deployment.run.steps.all() if step.kind in MOVING and step.started_at]
    return round(scale(min(began)), 1) if began and since <= min(began) <= until else None
