"""GitHub: releases and workflow runs of a version's tag are builds; runs and checks are gates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from apps.images.models import Gate
from apps.images.reported import Reported, ReportedGate, ReportedOfCommit
from apps.images.webhooks.base import Format, Headers, Heard, moment, register, text

EVENT = "X-GitHub-Event"
# a release's tag: v1.2, 2026.45.0, web-v1.2.3, release/1.2
TAG = re.compile(r"(?:[a-z][a-z0-9]*[-_/])*v?(?P<version>\d+\.[\w.+~-]+)", re.IGNORECASE)
# what a run was for: GitHub does not tell tags from branches, and release/1.2.3, v18.x and 1.2 are branches in use
TAG_OF_RUN = re.compile(r"(?:[a-z][a-z0-9]*[-_])*v?(?P<version>\d+\.\d+\.\d+[\w.+~-]*)", re.IGNORECASE)
SHA = re.compile(r"[0-9a-f]{40}")
OUTCOMES = {  # of conclusions
    "success": Gate.Outcome.PASSED,
    "neutral": Gate.Outcome.PASSED,  # as GitHub takes it where a check is required
    "skipped": Gate.Outcome.SKIPPED,
    "cancelled": Gate.Outcome.SKIPPED,
    "stale": Gate.Outcome.SKIPPED,
}
LONGEST = 64  # characters of a gate's name


def read(application: str, headers: Headers, payload: Any) -> Heard:
    """What the event tells, by its header."""
    event = headers.get(EVENT, "")
    action = text(payload, "action")
    if event == "ping":
        return Heard(says="The webhook is set up.")
    reader = READERS.get((event, action))
    if reader is None:
        what = " ".join(filter(None, [event, action])) or f"a delivery without {EVENT}"
        return Heard(says=f"Nothing is made of {what}.")
    return reader(application, payload)


def _release(application: str, payload: Any) -> Heard:
    """A release is a build of the version that its tag names."""
    tag, target = text(payload, "release.tag_name", needed=True), text(payload, "release.target_commitish")
    of_commit = bool(SHA.fullmatch(target))
    reported = Reported(
        application,
        version_of(tag, TAG) or tag,
        commit=target if of_commit else "",
        branch="" if of_commit else target,
        url=text(payload, "release.html_url"),
        changelog=text(payload, "release.body"),
    )
    return Heard((reported,))


def _workflow_run(application: str, payload: Any) -> Heard:
    """A gate: of the version whose tag it ran for, which makes it known; else of all that was built of its commit."""
    gate = _gate(payload, "workflow_run", "updated_at", text(payload, "workflow_run.display_title"))
    commit, ref = text(payload, "workflow_run.head_sha", needed=True), text(payload, "workflow_run.head_branch")
    if version := version_of(ref, TAG_OF_RUN):
        return Heard((Reported(application, version, commit=commit, gates=(gate,)),))
    return Heard((ReportedOfCommit(application, commit, (gate,)),))


def _check_run(application: str, payload: Any) -> Heard:
    """A gate of all that was built of its commit."""
    gate = _gate(payload, "check_run", "completed_at", text(payload, "check_run.output.title"))
    return Heard((ReportedOfCommit(application, text(payload, "check_run.head_sha", needed=True), (gate,)),))


def _gate(payload: Any, of: str, ended: str, says: str) -> ReportedGate:
    conclusion = text(payload, f"{of}.conclusion", needed=True)
    return ReportedGate(
        text(payload, f"{of}.name", needed=True)[:LONGEST],
        OUTCOMES.get(conclusion, Gate.Outcome.FAILED),
        text(payload, f"{of}.html_url"),
        (says or conclusion)[:500],
        moment(payload, f"{of}.{ended}"),
    )


def version_of(ref: str, pattern: re.Pattern[str]) -> str:
    """The version that a tag names; empty where it names none."""
    found = pattern.fullmatch(ref)
    return found["version"] if found else ""


READERS: Mapping[tuple[str, str], Callable[[str, Any], Heard]] = {
    ("release", "published"): _release,
    ("workflow_run", "completed"): _workflow_run,
    ("check_run", "completed"): _check_run,
}
GITHUB = register(Format("github", "GitHub", "Events release, workflow_run and check_run of a repository.", read))
