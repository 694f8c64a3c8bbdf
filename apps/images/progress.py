"""A bake in words: how far it is, what it waits for, how it ended and what can be done next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from apps.images.models import Bake
from apps.workflows.states import RunState
from apps.workflows.timing import in_all, span

LOG_LINES = 200  # of its end that is shown


@dataclass(frozen=True)
class Progress:
    """`sentence` is what is going on, or how it ended; `next_hint` what to do now. Times are seconds.

    `expected_seconds` is None where nobody can tell how long all of it takes.
    """

    sentence: str
    total_steps: int
    expected_seconds: float | None
    next_hint: str = ""


def progress(bake: Bake) -> Progress:
    """How far a bake is; its steps and images should be prefetched."""
    steps = list(bake.run.steps.all())
    sentence, hint = _ended(bake) if bake.run.ended else (_now(bake), "")
    return Progress(
        sentence=sentence,
        total_steps=len(steps),
        expected_seconds=in_all(steps),
        next_hint=hint,
    )


def _now(bake: Bake) -> str:
    run = bake.run
    if run.state == RunState.QUEUED:
        return run.says or "Waiting for a worker to begin."
    if run.state == RunState.UNDOING:
        return f"Cleaning up. {run.failure} {run.says}".strip()
    present = next((step for step in run.steps.all() if step.position == run.position), None)
    return run.says or (f"{present.title}." if present else "Finishing.")


def _ended(bake: Bake) -> tuple[str, str]:
    run = bake.run
    began = run.started_at or run.created_at
    after = span(((run.ended_at or timezone.now()) - began).total_seconds())
    if run.state == RunState.SUCCEEDED:
        return _succeeded(bake, after)
    if run.state == RunState.UNDONE and run.cancelled_by:
        return f"Cancelled by {run.cancelled_by} after {after}; nothing is left of it.", ""
    if run.state == RunState.UNDONE:
        return f"No image was made. {run.failure}".strip(), "Nothing is left of it. Mend that, then bake again."
    if run.state == RunState.CANCELLED:
        return (run.failure or "Cancelled before anything was changed."), ""
    return f"Failed after {after}. {run.failure}".strip(), "Look at what is left, and put that right by hand."


def _succeeded(bake: Bake, after: str) -> tuple[str, str]:
    images = {each.region: each for each in bake.images.all()}
    made = images.get(bake.region)
    if made is None:
        return f"Made in {after}.", ""
    copies = sorted(set(images) - {bake.region})
    copied = f" and copied to {', '.join(copies)}" if copies else ""
    sentence = f"{made.image_id} was made in {bake.region}{copied}, in {after}."
    if all(each.deleted_at for each in images.values()):
        return f"{sentence} It is deleted by now.", ""
    return sentence, f"Push it to a cluster of {bake.application.name}."


def tail(bake: Bake) -> tuple[str, str]:
    """The end of the builder's log, and in words what is missing before it."""
    lines = bake.log.splitlines()
    said = [f"The last {LOG_LINES} of {len(lines)} lines."] if len(lines) > LOG_LINES else []
    said += [f"{bake.log_cut:,} bytes before these were lost."] if bake.log_cut else []
    return "\n".join(lines[-LOG_LINES:]), " ".join(said)
