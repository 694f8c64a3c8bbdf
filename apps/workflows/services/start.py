"""Starting a run: its plan is frozen into rows, its lock taken, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import IntegrityError, transaction

from apps.workflows.kinds import slugs
from apps.workflows.models import Lock, Run, Step
from apps.workflows.plans import PlannedStep
from apps.workflows.services.nudge import nudge
from apps.workflows.states import OnFailure


class Busy(Exception):
    """Another run holds the lock; `lock` tells whose."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(f"{lock.resource} is being changed by {lock.owner} (run {lock.run_id})")
        self.lock = lock


def holder(resource: str) -> Lock | None:
    """Who holds the lock on a resource, if anybody."""
    return Lock.objects.select_related("run").filter(resource=resource).first()


def start(
    *,
    kind: str,
    subject: str,
    steps: Sequence[PlannedStep],
    actor: str,
    reason: str,
    lock: str,
    created: Callable[[Run], None] | None = None,
    on_failure: OnFailure = OnFailure.UNDO,
) -> Run:
    """Stores a run and takes `lock`; `created` may store more in the same transaction. Raises Busy, storing nothing.

    `on_failure` says what a failed step does: undo everything, or ask a person first.
    """
    unknown = {step.kind for step in steps} - slugs()
    if unknown:
        raise ValueError(f"no such step kinds: {', '.join(sorted(unknown))}")
    try:
        with transaction.atomic():
            run = Run.objects.create(
                kind=kind, subject=subject, actor=actor, reason=reason, resource=lock, on_failure=on_failure
            )
            Lock.objects.create(resource=lock, run=run, owner=actor, reason=reason)
            Step.objects.bulk_create(_row(run, position, step) for position, step in enumerate(steps))
            if created:
                created(run)
            nudge(run.pk)
            return run
    except IntegrityError as error:
        held = holder(lock)
        if held is None:  # released in this instant, or the error is about something else
            raise
        raise Busy(held) from error


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
