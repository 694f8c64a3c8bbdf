"""Making freezes, and ending them before their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db import transaction
from django.utils import timezone

from apps.deployments import freezes, zones
from apps.deployments.errors import Invalid
from apps.deployments.models import Freeze
from apps.events.services import record
from apps.inventory.models import Application, Cluster, Environment


class FreezeOver(Exception):
    """The freeze has ended already; the text says when."""


@dataclass(frozen=True)
class FreezeRequest:
    """What shall be frozen, when and why. Moments without a zone are meant in `zone`; no `starts_at` means now."""

    ends_at: datetime
    reason: str
    starts_at: datetime | None = None
    zone: str = "UTC"
    environment: str = ""
    application: str = ""
    cluster: str = ""


def create_freeze(asked: FreezeRequest, *, actor: str) -> Freeze:
    """Makes a freeze. Raises Invalid naming every field that is wrong."""
    errors = _wrong_scope(asked)
    if not asked.reason.strip():
        errors["reason"] = "Say why: everybody who is refused reads it."
    starts, ends = _times(asked, errors)
    if errors:
        raise Invalid({field: [text] for field, text in errors.items()})
    with transaction.atomic():
        row = Freeze.objects.create(
            environment=asked.environment,
            application=asked.application,
            cluster=asked.cluster,
            zone=asked.zone,
            starts_at=starts,
            ends_at=ends,
            actor=actor,
            reason=asked.reason.strip(),
        )
        after = {**_scope(row), "starts_at": starts.isoformat(), "ends_at": ends.isoformat(), "zone": asked.zone}
        span = f"from {zones.both(starts, asked.zone)} until {zones.both(ends, asked.zone)}"
        _tell("freeze.created", row, actor, f"{actor} froze {freezes.scope(row)} {span}", row.reason, after=after)
    return row


def end_freeze(number: int, *, actor: str, reason: str) -> Freeze:
    """Ends a freeze now, or calls off one that has not begun. Raises Invalid, FreezeOver, Freeze.DoesNotExist."""
    if not reason.strip():
        raise Invalid({"reason": ["Say why it ends before its time."]})
    with transaction.atomic():
        row = Freeze.objects.select_for_update().get(pk=number)
        now = timezone.now()
        if row.ended_at:
            raise FreezeOver(f"{row.ended_by} ended it already, {zones.both(row.ended_at, row.zone)}.")
        if row.ends_at <= now:
            raise FreezeOver(f"It ended already, {zones.both(row.ends_at, row.zone)}.")
        row.ended_at, row.ended_by, row.end_reason = now, actor, reason.strip()
        row.save(update_fields=["ended_at", "ended_by", "end_reason"])
        verb = "ended" if row.starts_at <= now else "called off"
        summary = f"{actor} {verb} the freeze of {freezes.scope(row)} that {row.actor} had made"
        before = {**_scope(row), "ends_at": row.ends_at.isoformat(), "reason": row.reason}
        _tell("freeze.ended", row, actor, summary, row.end_reason, before=before)
    return row


def _scope(row: Freeze) -> dict[str, str]:
    """What it names, in both its events: an event has no application, and is found by it here."""
    return {"environment": row.environment, "application": row.application, "cluster": row.cluster}


def _tell(
    kind: str,
    row: Freeze,
    actor: str,
    summary: str,
    reason: str,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"freeze {row.pk}",
        summary=summary,
        reason=reason,
        before=before,
        after=after,
        environment=row.environment,
        cluster=row.cluster,
    )


def _times(asked: FreezeRequest, errors: dict[str, str]) -> tuple[datetime, datetime]:
    """Both instants; what is wrong with them is put into `errors`."""
    now = timezone.now()
    try:
        where = zones.zone(asked.zone)
    except ValueError as error:
        errors["zone"] = str(error)
        return now, now
    starts = _instant("starts_at", asked.starts_at, where, errors) if asked.starts_at else now
    ends = _instant("ends_at", asked.ends_at, where, errors)
    if starts and ends and "ends_at" not in errors:
        if ends <= starts:
            errors["ends_at"] = f"It would end before it begins, {zones.both(starts, asked.zone)}."
        elif ends <= now:
            errors["ends_at"] = "That is over already."
    return starts or now, ends or now


def _instant(field: str, moment: datetime, where: tzinfo, errors: dict[str, str]) -> datetime | None:
    try:
        return zones.instant(moment, where, later=field == "ends_at")
    except ValueError as error:
        errors[field] = str(error)
        return None


def _wrong_scope(asked: FreezeRequest) -> dict[str, str]:
    """What is named and not there, by field; also a cluster of another application."""
    errors: dict[str, str] = {}
    if asked.environment and not Environment.objects.filter(name=asked.environment).exists():
        known = ", ".join(Environment.objects.values_list("name", flat=True)) or "none"
        errors["environment"] = f"There is no environment {asked.environment!r}; known are {known}."
    if asked.application and not Application.objects.filter(name=asked.application).exists():
        errors["application"] = f"There is no application {asked.application!r}."
    if asked.cluster and not errors:
        wrong = _wrong_cluster(asked)
        errors |= {"cluster": wrong} if wrong else {}
    return errors


def _wrong_cluster(asked: FreezeRequest) -> str:
    found = Cluster.objects.filter(name=asked.cluster).select_related("application")
    if asked.environment:
        found = found.filter(environment__name=asked.environment)
    first = found.first()
    if first is None:
        where = f" in {asked.environment}" if asked.environment else ""
        return f"There is no cluster {asked.cluster!r}{where}."
    if asked.application and first.application.name != asked.application:
        return f"{asked.cluster} is a cluster of {first.application.name}, not of {asked.application}."
    return ""
