"""Freezes from rows."""

from __future__ import annotations

from collections.abc import Iterable

from apps.console.pages.freezes import FreezeLine, Frozen
from apps.deployments import freezes, zones
from apps.deployments.models import Freeze


def frozen(rows: Iterable[Freeze]) -> tuple[Frozen, ...]:
    """What is said where it stands in the way."""
    return tuple(Frozen(row.pk, freezes.sentence(row)) for row in rows)


def freeze_lines(rows: Iterable[Freeze]) -> tuple[FreezeLine, ...]:
    return tuple(freeze_line(row) for row in rows)


def freeze_line(row: Freeze) -> FreezeLine:
    """A freeze in a list."""
    ended = ""
    if row.ended_at:
        verb = "Ended" if row.ended_at > row.starts_at else "Called off"
        ended = f"{verb} {zones.both(row.ended_at, row.zone)} by {row.ended_by}: {row.end_reason}"
    return FreezeLine(
        id=row.pk,
        what=freezes.scope(row),
        starts=zones.there(row.starts_at, row.zone),
        starts_utc=zones.in_utc(row.starts_at, row.zone),
        ends=zones.there(row.ends_at, row.zone),
        ends_utc=zones.in_utc(row.ends_at, row.zone),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        actor=row.actor,
        reason=row.reason,
        ended=ended,
    )
