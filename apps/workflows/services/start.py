"""Starting a run: its plan is frozen into rows, its lock taken, in one transaction; or it waits for the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, transaction

from apps.events.services import record
from apps.workflows.kinds import has_planner, slugs
from apps.workflows.models import Lock, Run, Step
from apps.workflows.plans import PlannedStep
from apps.workflows.selectors import holder
from apps.workflows.services.nudge import nudge
from apps.workflows.services.release import pass_on
from apps.workflows.states import OnFailure

Created = Callable[[Run], None]


class Busy(Exception):
    """Another run holds the lock; `lock` tells whose."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(f"{lock.resource} is being changed by {lock.owner} ({lock.run.name})")
        self.lock = lock


@dataclass(frozen=True)
class _Asked:
    kind: str
    subject: str
    actor: str
    reason: str
    resource: str
    on_failure: OnFailure
    created: Created | None


def start(
    *,
    kind: str,
    subject: str,
    steps: Sequence[PlannedStep] | None,
    actor: str,
    reason: str,
    lock: str,
    created: Created | None = None,
    on_failure: OnFailure = OnFailure.UNDO,
    queue: bool = False,
) -> Run:
    """Stores a run and takes `lock`; `created` may store more in the same transaction. Raises Busy, storing nothing.

    `on_failure` says what a failed step does: undo everything, or ask a person first. With `queue`, a run that finds
    the lock held is stored without steps (`planned` is false); the planner of its kind makes them once it is its turn.
    `steps` of None leave the plan to the planner in any case.
    """
    unknown = {step.kind for step in steps or ()} - slugs()
    if unknown:
        raise ValueError(f"no such step kinds: {', '.join(sorted(unknown))}")
    if (queue or steps is None) and not has_planner(kind):
        raise ValueError(f"nothing plans a {kind} later, so it cannot wait for a lock")
    asked = _Asked(kind, subject, actor, reason, lock, on_failure, created)
    try:
        return _start(asked, steps)
    except IntegrityError as error:
        held = holder(lock)
        if held is None:  # released in this instant, or the error is about something else
            raise
        if queue:
            return _wait_for(held, asked)
        raise Busy(held) from error


def freeze(run: Run, steps: Iterable[PlannedStep]) -> None:
    """Writes a plan into rows."""
    Step.objects.bulk_create(_row(run, position, step) for position, step in enumerate(steps))


def _start(asked: _Asked, steps: Sequence[PlannedStep] | None) -> Run:
    with transaction.atomic():
        run = _store(asked, planned=steps is not None)
        Lock.objects.create(resource=asked.resource, run=run, owner=asked.actor, reason=asked.reason)
        freeze(run, steps or ())
        if asked.created:
            asked.created(run)
        nudge(run.pk)
        return run


def _wait_for(held: Lock, asked: _Asked) -> Run:
    """Stores a run that waits. Should the lock have been freed meanwhile, it is passed on after the commit."""
    with transaction.atomic():
        run = _store(asked, planned=False, due_at=None)
        if asked.created:
            asked.created(run)
        summary = f"{run.kind.capitalize()} of {run.subject} waits until {held.run.name} of {held.owner} has ended"
        record("run.queued", actor=run.actor, subject=run.subject, summary=summary, reason=run.reason, run=run.pk)
        transaction.on_commit(partial(pass_on, asked.resource))
        return run


def _store(asked: _Asked, **fields: object) -> Run:
    return Run.objects.create(
        kind=asked.kind,
        subject=asked.subject,
        actor=asked.actor,
        reason=asked.reason,
        resource=asked.resource,
        on_failure=asked.on_failure,
        **fields,
    )


def _row(run: Run, position: int, step: PlannedStep) -> Step:
    return Step(
        run=run,
        position=position,
        kind=step.kind,
        title=step.title,
        params=dict(step.params),
        changes=list(step.changes),
        irreversible=step.irreversible,
        timeout_seconds=step.timeout_seconds,
        expected_seconds=step.expected_seconds,
    )
