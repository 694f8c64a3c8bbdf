"""What the floors above may ask of the engine."""

from apps.workflows.selectors import Choice, borrowed_of, cancelling, choices, holder, why_stuck
from apps.workflows.services.advance import advance, sweep
from apps.workflows.services.decide import CannotDecide, cancel, decide, look_now, resume
from apps.workflows.services.nudge import nudge
from apps.workflows.services.reconcile import reconcile
from apps.workflows.services.start import Busy, start
from apps.workflows.services.take_over import CannotTakeOver, take_over

__all__ = [
    "Busy",
    "CannotDecide",
    "CannotTakeOver",
    "Choice",
    "advance",
    "borrowed_of",
    "cancel",
    "cancelling",
    "choices",
    "decide",
    "holder",
    "look_now",
    "nudge",
    "reconcile",
    "resume",
    "start",
    "sweep",
    "take_over",
    "why_stuck",
]
