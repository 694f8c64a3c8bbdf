"""Deployments as lines of a list."""

from __future__ import annotations

from datetime import datetime

from apps.console.build.states import run_state
from apps.console.pages.common import HistoryLine, Place
from apps.console.words import first_clause
from apps.deployments.changes import Change
from apps.deployments.models import Deployment
from apps.deployments.words import short, what
from apps.events.models import Event
from apps.inventory.models import Cluster

__all__ = ["back_to", "history_line", "place_of", "short", "told", "versions", "what"]


def place_of(cluster: Cluster) -> Place:
    """Where a cluster is; needs its environment and application loaded."""
    environment = cluster.environment
    return Place(cluster.application.name, environment.name, cluster.region, cluster.name, environment.production)


def back_to(deployment: Deployment) -> str:
    """Where rolling it back goes, in a word: the group before it or, where it was replaced in place, the version."""
    return deployment.from_version if deployment.in_place else short(deployment.from_group)


def versions(deployment: Deployment) -> str:
    """From which version to which."""
    before = deployment.from_version or deployment.from_image
    after = deployment.to_version or deployment.to_image
    return " → ".join(version for version in (before, after) if version)


def told(what_happened: Event | Change) -> str:
    """What happened, and by whom where the sentence does not begin with that."""
    by = "" if what_happened.summary.startswith(what_happened.actor) else f" By {what_happened.actor}."
    return f"{what_happened.summary.rstrip('.')}.{by}"


def when(event: Event) -> tuple[datetime, float | None]:
    """When it happened, and how many seconds that took, where it took any: a step's event is recorded at its end."""
    if event.began_at is None:
        return event.at, None
    took = (event.at - event.began_at).total_seconds()
    return event.began_at, took if took >= 1 else None


def history_line(deployment: Deployment) -> HistoryLine:
    """Needs the run and the cluster with its environment and application loaded."""
    run = deployment.run
    began = run.started_at or run.created_at  # as the sentence of its end counts
    seconds = float(round((run.ended_at - began).total_seconds())) if run.ended_at else None
    return HistoryLine(
        id=deployment.pk,
        state=run_state(run.state),
        what=what(deployment),
        place=place_of(deployment.cluster),
        versions=versions(deployment),
        actor=deployment.actor,
        reason=deployment.reason,
        at=deployment.created_at,
        seconds=seconds,
        says=first_clause(run.failure if run.ended else run.says),
    )
