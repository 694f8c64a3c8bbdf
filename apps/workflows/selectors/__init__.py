"""What the floors above may read of the engine."""

from apps.workflows.selectors.choices import Choice, cancelling, choices
from apps.workflows.selectors.owed import Owed, borrowed_of, borrowed_of_each, owed_by_ended
from apps.workflows.selectors.queue import REPAIR, holder, queued, waits, why_stuck, with_overdue
from apps.workflows.selectors.usual import usual_seconds

__all__ = [
    "REPAIR",
    "Choice",
    "Owed",
    "borrowed_of",
    "borrowed_of_each",
    "cancelling",
    "choices",
    "holder",
    "owed_by_ended",
    "queued",
    "usual_seconds",
    "waits",
    "why_stuck",
    "with_overdue",
]
