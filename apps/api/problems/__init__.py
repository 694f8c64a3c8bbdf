"""Every error leaves the API as a problem detail (RFC 9457): what happened, why, and which field."""

from apps.api.problems.fields import flatten
from apps.api.problems.handler import MEDIA_TYPE, TYPE, exception_handler
from apps.api.problems.kinds import (
    BodyTooLarge,
    Busy,
    ChangedMeanwhile,
    CloudRefused,
    CloudSilent,
    DatabaseSilent,
    Invalid,
    KeyInUse,
    KeyReused,
    NoLength,
    NotPossibleNow,
    Problem,
    Refused,
)

__all__ = [
    "MEDIA_TYPE",
    "TYPE",
    "BodyTooLarge",
    "Busy",
    "ChangedMeanwhile",
    "CloudRefused",
    "CloudSilent",
    "DatabaseSilent",
    "Invalid",
    "KeyInUse",
    "KeyReused",
    "NoLength",
    "NotPossibleNow",
    "Problem",
    "Refused",
    "exception_handler",
    "flatten",
]
