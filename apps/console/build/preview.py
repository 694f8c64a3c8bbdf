"""Previews for the page: findings by what they mean for the reader, each with the mark of its weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.deployments.errors import Finding
from apps.deployments.requests import Preview

KINDS = {"refuse": "fail", "overridden": "attend", "warn": "attend", "note": "rest"}
UNKNOWN = "unknown-"  # how the codes of what could not be found out begin


@dataclass(frozen=True)
class Found:
    """A finding as a notice. With a `box` that overrides all of its code, ticked when it is `let` through."""

    kind: str
    text: str
    code: str
    box: bool = False
    let: bool = False


@dataclass(frozen=True)
class FindingGroup:
    """Findings that ask the same of the reader."""

    title: str
    findings: tuple[Found, ...]


GROUPS: tuple[tuple[str, Callable[[Finding], bool]], ...] = (
    ("Stands against it", lambda finding: finding.final),
    ("Stands against it, unless overridden", lambda finding: finding.level in {"refuse", "overridden"}),
    ("Read before you go on", lambda finding: finding.level == "warn" and not finding.code.startswith(UNKNOWN)),
    ("Could not be found out", lambda finding: finding.level == "warn"),
    ("Good to know", lambda finding: finding.level == "note"),
)


def findings_of(preview: Preview) -> list[FindingGroup]:
    """What blocks, what may be overridden, what asks, what is unknown, notes; those that there are."""
    drawn: dict[str, list[Found]] = {title: [] for title, _ in GROUPS}
    last = {finding.code: finding for finding in preview.findings if finding.overridable}
    for finding in preview.findings:
        title = next(title for title, belongs in GROUPS if belongs(finding))
        drawn[title].append(_found(finding, box=last.get(finding.code) is finding))
    return [FindingGroup(title, tuple(found)) for title, found in drawn.items() if found]


def _found(finding: Finding, *, box: bool) -> Found:
    return Found(KINDS[finding.level], finding.text, finding.code, box, finding.level == "overridden")


def confirm_push(preview: Preview) -> str:
    """Why a push asks for the cluster's name, in a sentence: it deletes the group that serves now, or is overridden."""
    if any(step.irreversible and step.params.get("group") == preview.from_group for step in preview.steps):
        return "No group is left to roll back to."
    return preview.confirm
