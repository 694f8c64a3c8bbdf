"""What a step sees of its run, and the only ways in which it may write before it has an effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.functions import Now

from apps.workflows.models import Borrowed
from apps.workflows.states import Phase

if TYPE_CHECKING:
    from apps.workflows.lease import Lease
    from apps.workflows.models import Run, Step


class Context:
    """One look at a step. `elapsed` is seconds since the step (or its undo) started, by the database's clock."""

    def __init__(self, run: Run, step: Step, lease: Lease, elapsed: float) -> None:
        self._step = step
        self._lease = lease
        self._run = run
        self.run_id = run.pk
        self.actor = run.actor
        self.elapsed = elapsed
        self.said = run.says  # what the last look told people
        self.params: Mapping[str, Any] = step.params
        self.memory: Mapping[str, Any] = step.memory
        self.facts: Mapping[str, Any] = run.facts
        self.timeout_seconds = step.timeout_seconds
        self.log: list[dict[str, Any]] = []  # kept with the attempt

    def fence(self) -> float:
        """When the lease ends, on the monotonic clock, renewed just now: a changing call must be over by then.

        Raises LostLease if somebody else took over.
        """
        self._lease.renew()
        return self._lease.deadline

    def renew(self) -> None:
        """To be called now and then during a long look, so that its result can still be written. Raises LostLease."""
        self._lease.renew()

    def remember(self, **intents: Any) -> None:
        """Stores intents on the step, before their effect. Raises LostLease if somebody else took over."""
        with transaction.atomic():
            self._lease.write()
            self._step.memory = {**self._step.memory, **intents}
            self._step.save(update_fields=["memory"])
        self.memory = self._step.memory

    def borrow(
        self, kind: str, resource: str, original: Any, *, says: str, keep: bool = False, changed_to: Any = None
    ) -> Borrowed:
        """Enters something in the ledger before it is changed; the first original value stands.

        `changed_to` is what it is about to be set to: only what is still so is restored. What another run still owes
        for the same thing passes to this run, with its original.
        """
        undoing = self._run.phase == Phase.UNDO
        with transaction.atomic():
            self._lease.write()
            owed = Borrowed.objects.filter(kind=kind, resource=resource, repaid_at__isnull=True).first()
            if owed is None:
                return Borrowed.objects.create(
                    run=self._run,
                    kind=kind,
                    resource=resource,
                    original=original,
                    says=says,
                    keep=keep,
                    changed_to=changed_to,
                    undoing=undoing,
                )
            owed.run, owed.keep, owed.undoing, owed.stuck = self._run, keep, undoing, False
            owed.says, owed.changed_to = says, changed_to if changed_to is not None else owed.changed_to
            owed.save(update_fields=["run", "keep", "undoing", "stuck", "says", "changed_to"])
            return owed

    def owed(self, kind: str, resource: str) -> Borrowed | None:
        """What is borrowed of this kind from this resource and not yet repaid, by whichever run."""
        return Borrowed.objects.filter(kind=kind, resource=resource, repaid_at__isnull=True).first()

    def repaid(self, borrowed: Borrowed) -> None:
        """Strikes an item from the ledger after it was given back."""
        with transaction.atomic():
            self._lease.write()
            Borrowed.objects.filter(pk=borrowed.pk, repaid_at__isnull=True).update(
                repaid_at=Now(), repaid_by=self.run_id
            )
