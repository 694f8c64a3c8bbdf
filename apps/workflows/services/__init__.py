"""What the floors above may ask of the engine."""

from apps.workflows.selectors import Choice, cancelling, choices
from apps.workflows.services.advance import advance, sweep
from apps.workflows.services.decide import CannotDecide, cancel, decide, resume
from apps.workflows.services.nudge import nudge
from apps.workflows.services.start import Busy, holder, start

__all__ = [
    "Busy",
    "CannotDecide",
    "Choice",
    "advance",
    "cancel",
    "cancelling",
    "choices",
    "decide",
    "holder",
    "nudge",
    "resume",
    "start",
    "sweep",
]
