"""Events of what steps changed, also of one that is left in its midst."""

from __future__ import annotations

from datetime import datetime

from apps.events.services import record
from apps.workflows import kinds
from apps.workflows.models import Run, Step
from apps.workflows.plans import Change


def tell_change(change: Change, run: Run, actor: str, reason: str, began_at: datetime | None = None) -> None:
    """The event of a change that the run made, by a step that began then."""
    record(
        change.kind,
        actor=actor,
        subject=change.subject,
        summary=change.summary,
        reason=reason,
        before=change.before,
        after=change.after,
        run=run.pk,
        began_at=began_at,
        **change.where,
    )


def tell_untold(step: Step, actor: str, reason: str) -> None:
    """The events of what a step changed by now, which is left as it stands: it will not tell of it itself."""
    for change in kinds.untold(step.kind, step.memory):
        tell_change(change, step.run, actor, reason, step.started_at)
