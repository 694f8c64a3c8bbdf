"""Writing events. Always inside the transaction of the change they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.events.models import Event


def record(
    kind: str,
    *,
    actor: str,
    subject: str,
    summary: str,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    run: int | None = None,
    environment: str = "",
    region: str = "",
    cluster: str = "",
    began_at: datetime | None = None,
) -> Event:
    """Appends one event; `before` and `after` are JSON-ready. Commits and rolls back with the caller's transaction.

    `began_at` is when what it tells of began, where that took a while.
    """
    return Event.objects.create(
        kind=kind,
        actor=actor,
        subject=subject,
        summary=summary,
        reason=reason,
        before=before,
        after=after,
        run=run,
        environment=environment,
        region=region,
        cluster=cluster,
        began_at=began_at,
    )
