"""A promotion in words: how it stands, what it waits for, how its last run ended and what can be done next."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from apps.images.models import Promotion
from apps.workflows.models import Run
from apps.workflows.states import ACTIVE, ENDED, RunState
from apps.workflows.timing import span


class Standing(models.TextChoices):
    """How a promotion stands."""

    GRANTING = "granting", "Being granted"
    GRANTED = "granted", "Granted"
    NOT_GRANTED = "not_granted", "Not granted"
    REVOKING = "revoking", "Being taken back"
    REVOKED = "revoked", "Taken back"
    PARTLY = "partly_revoked", "Partly taken back"  # that failed halfway: it may be taken back again
    REPLACED = "replaced", "Replaced"


@dataclass(frozen=True)
class Progress:
    """`sentence` is what is going on, or how it ended; `next_hint` what to do now."""

    sentence: str
    next_hint: str = ""


def standing(row: Promotion) -> Standing:
    """How it stands, by its runs; replaced: a later promotion counts instead."""
    if not row.run.ended:
        return Standing.GRANTING
    if row.run.state != RunState.SUCCEEDED:
        return Standing.NOT_GRANTED
    if row.being_revoked:
        return Standing.REVOKING
    if row.revoked:
        return Standing.REVOKED
    if row.revocation is not None and row.revocation.state == RunState.FAILED:
        return Standing.PARTLY
    return Standing.GRANTED if row.live else Standing.REPLACED


def standing_is(wanted: Standing) -> models.Q:
    """Finds those of which `standing` says so."""
    granted, taken_back = models.Q(run__state=RunState.SUCCEEDED), models.Q(revocation__state=RunState.SUCCEEDED)
    being_taken = models.Q(revocation__state__in=ACTIVE)
    left, partly = granted & ~being_taken & ~taken_back, models.Q(revocation__state=RunState.FAILED)
    return {
        Standing.GRANTING: models.Q(run__state__in=ACTIVE),
        Standing.NOT_GRANTED: models.Q(run__state__in=ENDED - {RunState.SUCCEEDED}),
        Standing.REVOKING: granted & being_taken,
        Standing.REVOKED: granted & taken_back,
        Standing.PARTLY: left & partly,
        Standing.GRANTED: left & ~partly & models.Q(live=True),
        Standing.REPLACED: left & ~partly & models.Q(live=False),
    }[wanted]


def progress(row: Promotion) -> Progress:
    """How far it is; the steps of its runs should be prefetched."""
    run = row.now
    if not run.ended:
        return Progress(_now(run))
    taken = row.revocation is not None
    after = span(((run.ended_at or timezone.now()) - (run.started_at or run.created_at)).total_seconds())
    if run.state == RunState.SUCCEEDED:
        return _succeeded(row, after, taken=taken)
    if run.state == RunState.UNDONE and run.cancelled_by:
        left = "it stands as before." if taken else "nothing is left of it."
        return Progress(f"Cancelled by {run.cancelled_by} after {after}; {left}")
    if run.state == RunState.UNDONE:
        done = "It was not taken back, and stands as before." if taken else "Nothing is left of it."
        return Progress(f"{done} {run.failure}".strip(), "Mend that, then ask again.")
    if run.state == RunState.CANCELLED:
        return Progress(run.failure or "Cancelled before anything was changed.")
    return Progress(f"Failed after {after}. {run.failure}".strip(), "Look at what is left, and put that right by hand.")


def _succeeded(row: Promotion, after: str, *, taken: bool) -> Progress:
    where = ", ".join(f"{each['image_id']} in {each['region']}" for each in row.images)
    if taken:
        return Progress(f"{row.target.name} may no longer launch {where}. It was taken back in {after}.")
    sentence = f"{row.target.name} may launch {where}. It was granted in {after}."
    return Progress(sentence, f"Push it to a cluster of {row.target.name}." if row.live else "")


def _now(run: Run) -> str:
    if run.state == RunState.QUEUED:
        return run.says or "Waiting for a worker to begin."
    if run.state == RunState.UNDOING:
        return f"Putting back what was changed. {run.failure} {run.says}".strip()
    present = next((step for step in run.steps.all() if step.position == run.position), None)
    return run.says or (f"{present.title}." if present else "Finishing.")
