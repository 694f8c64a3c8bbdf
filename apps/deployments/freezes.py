"""Reading freezes: which are on, whom they concern, and the sentence with which they refuse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Now

from apps.deployments import zones
from apps.deployments.errors import Finding, overridable
from apps.deployments.models import Deployment, Freeze
from apps.deployments.requests import Preview
from apps.inventory.models import Application, Cluster

CODE = overridable("freeze")
GOES_BACK = frozenset({Deployment.Kind.ROLLBACK})  # what a freeze never stops


def freezes() -> QuerySet[Freeze]:
    """All of them, the latest first."""
    return Freeze.objects.order_by("-starts_at", "-id")


def on(at: datetime | None = None) -> QuerySet[Freeze]:
    """Those that are on at a moment, or now by the database's clock; the one that ends last first."""
    moment = Now() if at is None else Value(at)
    return Freeze.objects.filter(_before_its_end(at), starts_at__lte=moment, ends_at__gt=moment).order_by(
        "-ends_at", "id"
    )


def to_come() -> QuerySet[Freeze]:
    """Those that have not begun, the next one first."""
    return Freeze.objects.filter(ended_at__isnull=True, starts_at__gt=Now()).order_by("starts_at", "id")


def over() -> QuerySet[Freeze]:
    """Those that have ended, or were ended before they began."""
    return freezes().filter(Q(ended_at__isnull=False) | Q(ends_at__lte=Now()))


def _before_its_end(at: datetime | None) -> Q:
    """Not ended by somebody; of a moment that is past: not yet ended then."""
    still = Q(ended_at__isnull=True)
    return still if at is None else still | Q(ended_at__gt=at)


def concerning(rows: QuerySet[Freeze], cluster: Cluster) -> QuerySet[Freeze]:
    """Those of them that concern a cluster; it needs its environment and application."""
    return rows.filter(
        environment__in=("", cluster.environment.name),
        application__in=("", cluster.application.name),
        cluster__in=("", cluster.name),
    )


def concerning_application(rows: QuerySet[Freeze], application: Application) -> QuerySet[Freeze]:
    """Those of them that concern a cluster of an application, or may concern the next one."""
    names = application.clusters.values("name")
    return rows.filter(Q(cluster="") | Q(cluster__in=names), application__in=("", application.name))


def freezes_on(cluster: Cluster, at: datetime | None = None) -> QuerySet[Freeze]:
    """The freezes that are on for a cluster at a moment, or now."""
    return concerning(on(at), cluster)


def state(freeze: Freeze, now: datetime) -> str:
    """Where it is in time: on, to-come or over, as the filter of lists has it."""
    if freeze.ended_at or freeze.ends_at <= now:
        return "over"
    return "on" if freeze.starts_at <= now else "to-come"


def scope(freeze: Freeze) -> str:
    """What a freeze concerns, in words: "everything", "prod", "application api in prod", "api-prod"."""
    application = f"application {freeze.application}" if freeze.application and not freeze.cluster else ""
    what = freeze.cluster or application
    if what and freeze.environment:
        return f"{what} in {freeze.environment}"
    return what or freeze.environment or "everything"


def sentence(freeze: Freeze) -> str:
    """That it is on, until when, by whom and why."""
    until = zones.both(freeze.ends_at, freeze.zone)
    what = scope(freeze)
    return f"{what[:1].upper()}{what[1:]} is frozen until {until} by {freeze.actor}: {freeze.reason.rstrip('.')}."


def findings(rows: Iterable[Freeze]) -> tuple[Finding, ...]:
    """A refusal for each of them, which may be overridden."""
    mend = "Wait for its end, end it early, or override it with a reason."
    return tuple(Finding("refuse", CODE, f"{sentence(row)} {mend}", _subject(row)) for row in rows)


def unless_made_since(asked_at: datetime, preview: Preview) -> Preview:
    """The preview, refused again by freezes that were made after they were overridden: nobody knew of them then."""
    new = {_subject(row) for row in Freeze.objects.filter(created_at__gt=asked_at)}
    found = (
        replace(each, level="refuse") if each.code == CODE and each.subject in new else each
        for each in preview.findings
    )
    return replace(preview, findings=tuple(found))


def _subject(freeze: Freeze) -> str:
    return f"freeze {freeze.pk}"


def told_of_freezes(kind: str, cluster: Cluster, preview: Preview) -> Preview:
    """The preview of such a deployment, with what is frozen among its findings; those told already are not repeated."""
    if kind in GOES_BACK:
        return preview
    known = {finding.subject for finding in preview.findings if finding.code == CODE}
    new = tuple(each for each in findings(freezes_on(cluster)) if each.subject not in known)
    return replace(preview, findings=(*preview.findings, *new))
