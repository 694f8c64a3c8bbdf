"""What a caller asks for, and the preview of what would be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from apps.deployments import guard
from apps.deployments.errors import BUSY, PASSING, Finding, Invalid, known_overrides
from apps.workflows.plans import PlannedStep
from apps.workflows.timing import in_all

if TYPE_CHECKING:
    from apps.deployments.user_data import UserDataChange


@dataclass(frozen=True)
class PushRequest:
    environment: str
    region: str
    cluster: str
    image: str
    strategy: str = "red-black"
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    queue: bool = False  # wait for one's turn where the cluster is busy; the plan is made then
    on_failure: str = "undo"  # or "ask": what a failed step does
    overrides: tuple[str, ...] = ()  # codes of refusals that shall not stop it; recorded with the reason


@dataclass(frozen=True)
class ChangeRequest:
    """A change of one group by hand; the fields that it shares with a push mean the same."""

    environment: str
    region: str
    group: str
    operation: str
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    queue: bool = False
    on_failure: str = "undo"
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What would be done, and why not, if not. Nothing was changed to find out.

    `sentence` says it in words ("Push 4.2.0 to api-prod, 6 → 7 instances"); sizes are instances;
    versions are the images' version tags, or their ids where they have none. `at_stake` says in a sentence which
    traffic is at stake, or what nothing brings back; empty where neither is. `user_data` is what becomes of that, where
    the application has a template for it.
    """

    sentence: str
    steps: tuple[PlannedStep, ...]
    findings: tuple[Finding, ...] = ()
    from_group: str = ""
    to_group: str = ""
    from_version: str = ""
    to_version: str = ""
    from_image: str = ""
    to_image: str = ""
    from_size: int = 0
    to_size: int = 0
    at_stake: str = ""
    user_data: UserDataChange | None = None

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "refuse")

    @property
    def overridden(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "overridden")

    def letting_through(self, codes: Collection[str]) -> Preview:
        """The same, with the refusals of these codes overridden where they may be.

        What the traffic guard may have against it only while it is carried out is overridden ahead.
        """
        let = (
            replace(finding, level="overridden") if finding.code in codes and _may_be(finding) else finding
            for finding in self.findings
        )
        findings = tuple(let)
        known = {finding.code for finding in findings}
        ahead = (Finding("overridden", code, guard.CODES[code]) for code in guard.CODES if code in codes)
        return replace(self, findings=(*findings, *(finding for finding in ahead if finding.code not in known)))

    @property
    def confirm(self) -> str:
        """Why a page asks for the name of what this is done to, in a sentence; empty where it need not."""
        return self.at_stake or ("This goes against what holds it back." if self.overridden else "")

    @property
    def may_wait(self) -> bool:
        """Whether all that stands against it may be over when the change under way has ended."""
        codes = {finding.code for finding in self.refusals}
        return BUSY in codes and codes <= PASSING

    @property
    def expected_seconds(self) -> float | None:
        """Of all its steps; None where nobody can tell."""
        return in_all(self.steps)


def refuse_unknown(codes: Iterable[str], known: Collection[str] = ()) -> None:
    """Raises Invalid for codes that are not among the `known`, or among all that may ever be overridden."""
    known = known or known_overrides()
    unknown = sorted({*codes} - {*known})
    if unknown:
        text = f"{', '.join(unknown)} cannot be overridden. What can be: {', '.join(sorted(known))}."
        raise Invalid({"overrides": [text]})


def refuse_unfounded(codes: Collection[str], reason: str, known: Collection[str] = ()) -> None:
    """The same, and for codes without a reason."""
    refuse_unknown(codes, known)
    if codes and not reason.strip():
        raise Invalid({"reason": ["Say why: what is overridden is recorded with its reason."]})


def _may_be(finding: Finding) -> bool:
    return finding.level == "refuse" and finding.overridable
