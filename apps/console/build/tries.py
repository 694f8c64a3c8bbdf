"""Attempts at steps, and the calls they made of AWS, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.console.pages.deployment import Try
from apps.workflows.models import Attempt, Step


def tries(attempts: Iterable[Attempt]) -> tuple[Try, ...]:
    """Every attempt at a step, or at its undo, the first one first."""
    return tuple(_try(attempt) for attempt in attempts)


def _try(attempt: Attempt) -> Try:
    looks = "looked once" if attempt.looks == 1 else f"looked {attempt.looks} times"
    said = " ".join(part for part in (f"{attempt.outcome}:" if attempt.outcome else "", attempt.says) if part)
    return Try(
        at=attempt.started_at,
        until=attempt.ended_at,
        text=f"{said or 'nothing to tell yet'} ({looks})",
        worker=attempt.worker,
        calls=tuple(_call(call) for call in attempt.log),
    )


def _call(call: dict[str, object]) -> str:
    service, operation, outcome = call.get("service"), call.get("operation"), call.get("outcome")
    text = f"{service}:{operation} {outcome}"
    seconds = call.get("seconds")
    if isinstance(seconds, int | float):
        text += f" in {seconds:.2f} s"
    return f"{text}: {call['message']}" if call.get("message") else text


def calls_of(steps: Iterable[Step]) -> Iterator[str]:
    """The AWS calls that steps made, in words, in their order."""
    for step in steps:
        for attempt in step.attempts.all():
            for call in attempt.log:
                yield _call(call)
