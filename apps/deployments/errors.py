"""Why a deployment was not started. Nothing was created when one of these is raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from apps.workflows.options import Invalid

__all__ = [
    "BUSY",
    "NOT_GIVEN_BACK",
    "PASSING",
    "Busy",
    "CannotCancel",
    "Finding",
    "Invalid",
    "Refused",
    "known_overrides",
    "overridable",
]

_overridable: dict[str, None] = {}


def overridable(code: str) -> str:
    """Declares that a refusal of this code may be overridden; answers the code."""
    _overridable[code] = None
    return code


def known_overrides() -> tuple[str, ...]:
    """Every code that may be named among the overrides of a request, in alphabetical order."""
    return tuple(sorted(_overridable))


BUSY = "busy"  # the code of the finding that somebody changes the cluster
NOT_GIVEN_BACK = overridable("not-given-back")  # an ended deployment still owes its serving group something
PASSING = frozenset({BUSY, NOT_GIVEN_BACK})  # what may be over when the change under way has ended


@dataclass(frozen=True)
class Finding:
    """Something pre-flight saw. `refuse` stops the push, `warn` is shown before it, `note` is worth knowing.

    `subject` names what it is about: an AWS member, a resource. A refusal that is `overridable` is `overridden` when
    the request names its code and a reason.
    """

    level: Literal["refuse", "overridden", "warn", "note"]
    code: str
    text: str
    subject: str = ""

    @property
    def overridable(self) -> bool:
        """Whether a refusal of its code may be overridden."""
        return self.code in _overridable

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "overridable": self.overridable}

    @property
    def final(self) -> bool:
        """Whether nothing lets it through."""
        return self.level == "refuse" and not self.overridable


class Refused(Exception):
    """The request is well-formed, but the cluster as it is does not allow it; `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.text for finding in findings if finding.level == "refuse"))
        self.findings = tuple(findings)


class Busy(Exception):
    """The cluster is being changed already."""

    def __init__(self, owner: str, run: int, deployment: int | None, text: str) -> None:
        super().__init__(text)
        self.owner = owner
        self.run = run
        self.deployment = deployment


class CannotCancel(Exception):
    """The deployment is past what was asked of it, as to be cancelled; the text says why."""
