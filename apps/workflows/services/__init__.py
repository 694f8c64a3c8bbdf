"""What the floors above may ask of the engine."""

from apps.workflows.services.advance import advance, sweep
from apps.workflows.services.cancel import CannotCancel, cancel, resume, why_not_cancel
from apps.workflows.services.nudge import nudge
from apps.workflows.services.start import Busy, holder, start

__all__ = ["Busy", "CannotCancel", "advance", "cancel", "holder", "nudge", "resume", "start", "sweep", "why_not_cancel"]
