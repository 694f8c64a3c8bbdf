"""Requests, errors and latency of both groups of a deployment while it went on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
SILENT = "CloudWatch does not answer."
NO_POINTS = "CloudWatch has no metrics of these groups of that time."
NO_POINTS_YET = "There are no points yet: instances publish theirs some seconds after the time they are of."
Values = Sequence[float | None]
Points = Sequence[tuple[float, float] | None]  # from the left in units of the drawing; up as a part of all
Scale = Callable[[datetime], float]  # how far from the left a moment is


@dataclass(frozen=True)
class _Drawing:
    """What the charts of a deployment have in common; `none` is said of a group that has published nothing."""

    deployment: Deployment
    known: Mapping[str, GroupMetrics]
    scale: Scale
    none: str


def charts_page(deployment: Deployment) -> ChartsPage:
    """Reads CloudWatch; without an answer, or without metrics, it says so."""
    run, now = deployment.run, timezone.now()
    until = min((run.ended_at or now) + AROUND, now)
    since = max((run.started_at or deployment.created_at) - AROUND, until - LONGEST)
    groups = _groups(deployment)
    live = run.ended_at is None or now < run.ended_at + AROUND
    cluster = deployment.cluster
    found = metrics_between(cluster.environment, cluster.region, groups, since, until)
    told_until = max((each.known_until for each in found.values() if each.known_until), default=None)
    known = {name: _cut(found[name], told_until) for name in groups}

    def scale(at: datetime) -> float:
        return (at - since) / (until - since) * WIDTH

    problem = _problem(known, live)
    drawing = _Drawing(deployment, known, scale, "no points yet" if live else "no points")
    charts = () if problem else tuple(_charts(drawing))
    moved = _moved(deployment, since, until, scale)
    return ChartsPage(deployment.pk, since, until, told_until, charts, moved, live, problem)


def _groups(deployment: Deployment) -> list[str]:
    return [name for name in dict.fromkeys((deployment.from_group, deployment.to_group)) if name]


def _cut(metrics: GroupMetrics, until: datetime | None) -> GroupMetrics:
    """Without the periods since `until`, of which no group has published anything so far: it may yet come."""
    count = len(metrics.times) if until is None else bisect_left(metrics.times, until)
    return replace(
        metrics,
        times=metrics.times[:count],
        requests=metrics.requests[:count],
        errors=metrics.errors[:count],
        latencies=metrics.latencies[:count],
    )


def _problem(known: Mapping[str, GroupMetrics], live: bool) -> str:
    """Why nothing can be drawn; empty where something can."""
    if any(each.times for each in known.values()):
        return ""
    if not all(each.answered for each in known.values()):
        return SILENT
    return NO_POINTS_YET if live else NO_POINTS


def _charts(drawing: _Drawing) -> Iterator[Chart]:
    for title, unit, values in (
        ("Requests a second", "", {name: each.requests for name, each in drawing.known.items()}),
        ("Errors a second", "", {name: each.errors for name, each in drawing.known.items()}),
        ("Latency", " ms", {name: each.latencies for name, each in drawing.known.items()}),
    ):
        yield _chart(drawing, title, unit, values)


def _chart(drawing: _Drawing, title: str, unit: str, values: Mapping[str, Values]) -> Chart:
    known = [value for each in values.values() for value in each if value is not None]
    top = max(known, default=0.0) or 1.0
    drawn = {
        name: [
            None if value is None else (drawing.scale(at), value / top)
            for at, value in zip(drawing.known[name].times, each, strict=True)
        ]
        for name, each in values.items()
    }
    lines = tuple(_line(drawing, name, each, drawn[name], unit) for name, each in values.items())
    told = "; ".join(
        f"{line.name}: {_told(each, unit, line.last)}" for each, line in zip(values.values(), lines, strict=True)
    )
    return Chart(title, _number(top, unit) if known else "", lines, f"{title}. {told}.")


def _line(drawing: _Drawing, name: str, values: Values, drawn: Points, unit: str) -> ChartLine:
    deployment = drawing.deployment
    look = "coming" if name == deployment.to_group else "leaving"
    version = deployment.to_version if look == "coming" else deployment.from_version
    last = next((value for value in reversed(values) if value is not None), None)
    label = f"{short(name)} ({version})" if version else short(name)
    none = "none" if drawing.known[name].times else drawing.none
    return ChartLine(label, look, tuple(_pieces(drawn)), none if last is None else _number(last, unit))


def _pieces(drawn: Points) -> Iterator[str]:
    """The unbroken pieces: where there is no value, there is no line."""
    for known, run in groupby(drawn, key=lambda point: point is not None):
        if known:
            yield " ".join(f"{point[0]:.1f},{HEIGHT - point[1] * HEIGHT:.1f}" for point in run if point)


def _told(values: Values, unit: str, none: str) -> str:
    """First, highest and last value, in words."""
    known = [value for value in values if value is not None]
    if not known:
        return none
    return f"from {_number(known[0], unit)} to {_number(known[-1], unit)}, at most {_number(max(known), unit)}"


def _number(value: float, unit: str) -> str:
    """As short as it may be without a small one becoming none."""
    if 0 < value < 0.1:
        return f"{value:.1g}{unit}"
    return f"{value:.0f}{unit}" if value >= 10 else f"{value:.1f}{unit}".replace(".0", "")


def _moved(deployment: Deployment, since: datetime, until: datetime, scale: Scale) -> float | None:
    """Where the first step that moves traffic began."""
    began = [step.started_at for step in deployment.run.steps.all() if step.kind in MOVING and step.started_at]
    return round(scale(min(began)), 1) if began and since <= min(began) <= until else None
