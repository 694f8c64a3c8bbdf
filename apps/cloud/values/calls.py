"""What is told of a call that was made to the cloud."""

from __future__ import annotations

from dataclasses import dataclass

from apps.cloud.values.target import Target


@dataclass(frozen=True)
class CallRecord:
    """One request sent (or, when `outcome` is LeaseTooShort, held back); repeats are records of their own."""

    service: str
    operation: str
    target: Target
    seconds: float
    outcome: str  # "ok", or the name of the apps.cloud.errors class
    changing: bool
    message: str = ""  # the error's text
