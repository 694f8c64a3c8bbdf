"""The cells of the matrix: each call of each operation, as a fault-free run made it, times each fault it can meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from apps.cloud.errors import CloudError
from apps.deployments import services
from apps.deployments.errors import Invalid, Refused
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.selectors import left_over
from apps.images.errors import Refused as NotBaked
from apps.workflows import services as workflows
from apps.workflows.models import Borrowed, Run
from apps.workflows.states import StepState
from tests.faults import operations, workers
from tests.faults.calls import Call, distinct, numbered, parse
from tests.faults.checkpoint import Beginning, Checkpoint
from tests.faults.cloud import ForkedCloud
from tests.faults.faults import applying
from tests.faults.injector import Died, Injector
from tests.faults.invariants import broken
from tests.faults.operations import Operation
from tests.faults.snapshot import State
from tests.faults.world import Worlds, settle

REFUSED = "refused"  # the request was refused, nothing was started
DENIED = "deny"
WHY_MISSING = "DescribeScalingActivities"  # asked for only where instances are missing
RECORDINGS = 5  # at most, of a run without a fault


@dataclass(frozen=True)
class Cell:
    """One fault at one call of one operation."""

    operation: str
    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.operation}:{self.call}:{self.fault}"


def cell(text: str) -> Cell:
    """The cell that `str` wrote."""
    operation, call, fault = text.split(":")
    return Cell(operation, parse(call), fault)


@dataclass(frozen=True)
class Reference:
    """A fault-free run: its calls, how it ended, and the state of the account then."""

    calls: tuple[Call, ...]
    ended: str
    after: State


@dataclass(frozen=True)
class Result:
    """How a cell went: the state in which its run ended, what a person had to do, and every invariant that broke."""

    cell: Cell
    ended: str
    asked: bool
    struck: bool
    failures: tuple[str, ...]
    seconds: float


def struck_where_it_comes(cell: Cell, once: Callable[[Cell], Result]) -> Result:
    """What comes of a cell; where fewer polls are made than without a fault, the last one that is made is struck."""
    at = cell.call
    while True:
        result = once(replace(cell, call=at))
        if result.struck or at.ordinal == 1 or at.changing:
            return replace(result, cell=cell)
        at = replace(at, ordinal=at.ordinal - 1)


class Lab:
    """Carries operations out on a lite cloud, with this process's database."""

    def __init__(self, cloud: ForkedCloud, folder: Path) -> None:
        self.worlds = Worlds(cloud, folder)
        self._checkpoint = Checkpoint(cloud, self.worlds)
        self._references: dict[str, Reference] = {}

    def leave(self) -> None:
        """Gives back the world that it is at."""
        self._checkpoint.leave()

    def forget_rows(self) -> None:
        """The database was emptied: accounts serve again, but not what is known of them."""
        self._checkpoint.forget_rows()

    def cells(self, operation: str) -> Iterator[Cell]:
        """All cells of an operation."""
        try:
            self.reference(operation)
        except Exception:  # noqa: BLE001 -- carried out, this one cell tells what is wrong
            yield Cell(operation, Call("plan", "-", "-", "-", 0), "none")
            return
        known = self._struck_elsewhere(operations.all()[operation])
        for call in distinct(self.reference(operation).calls):
            for fault in applying(call) if str(call) not in known else ():
                yield Cell(operation, call, fault.name)

    def _struck_elsewhere(self, operation: Operation) -> set[str]:
        """Calls that the operation shares with the one it is like; and with the plainest of its kind, how it plans."""
        calls: list[Call] = list(self.reference(operation.like).calls) if operation.like else []
        plainest = operations.plainest(operation.kind)
        if plainest and plainest != operation.slug:
            calls += [call for call in self.reference(plainest).calls if call.planning]
        return {str(numbered(call, operation.higher)) for call in calls}

    def reference(self, operation: str) -> Reference:
        """The fault-free run of an operation. Raises AssertionError if it does not hold what it must.

        One in which the cloud lagged behind the worker, by chance, is recorded again: not every run would ask why.
        """
        if operation not in self._references:
            meant = operations.all()[operation]
            for _ in range(RECORDINGS):
                found = self._record(meant)
                if meant.short == any(call.operation == WHY_MISSING for call in found.calls):
                    break
            else:
                wrong = "did not ask" if meant.short else "asked"
                raise AssertionError(f"{operation} {wrong} {WHY_MISSING}, {RECORDINGS} times")
            self._references[operation] = found
        return self._references[operation]

    def _record(self, operation: Operation) -> Reference:
        beginning = self._checkpoint.at(operation)
        world, watch = beginning.world, beginning.watch
        injector = Injector(watch)
        with injector.installed():
            deployment = operation.begin(world)
            injector.follow(deployment.run_id)
            workers.look(deployment.run)
            run = workers.carry_on(deployment)
        settle(world)
        after = world.account.state()
        assert run.ended, f"{operation.slug} without a fault: {run.state}: {run.says}"
        wrong = list(broken(world, watch, after, deployment))
        assert not wrong, f"{operation.slug} without a fault: {wrong}"
        made = sorted({call.name for call in injector.calls})
        assert bool(made) == operation.calls, f"{operation.slug} makes these calls of AWS: {', '.join(made) or 'none'}"
        return Reference(tuple(injector.calls), run.state, after)

    def run(self, cell: Cell) -> Result:
        """Carries one cell out."""
        return struck_where_it_comes(cell, self._once)

    def _once(self, cell: Cell) -> Result:
        began = time.monotonic()
        operation = operations.all()[cell.operation]
        ended, asked, struck, failures = "error", False, True, ()
        try:
            reference = self.reference(cell.operation)
            attempt = Attempt(self._checkpoint.at(operation, cell.call.stage), cell, reference)
            failures = tuple(attempt.carry_out())
            ended, asked, struck = attempt.ended, attempt.asked, attempt.struck
        except Exception as error:  # noqa: BLE001 -- whatever comes out, the cell failed by it
            failures = (f"{type(error).__name__}: {error}",)
        return Result(cell, ended, asked, struck, failures, time.monotonic() - began)


class Attempt:
    """One operation with one fault."""

    def __init__(self, beginning: Beginning, cell: Cell, reference: Reference) -> None:
        self.ended = REFUSED
        self.asked = False
        self.struck = False
        self._beginning = beginning
        self._world = beginning.world
        self._watch = beginning.watch
        self._cell = cell
        self._reference = reference

    def carry_out(self) -> Iterator[str]:
        """Yields every invariant that broke."""
        before = self._watch.start if self._world.undone is None else self._world.undone
        injector = Injector(self._watch, self._cell.call, self._cell.fault, self._another, self._beginning.memory)
        with injector.installed():
            self._deployment = self._beginning.deployment or self._begin()
            if self._deployment:
                injector.follow(self._deployment.run_id)
                self._carry_on(injector)
        settle(self._world)
        self.struck = injector.struck > 0
        if not self.struck:
            yield "the call never came"
        if self.ended == "cancelled" != self._reference.ended and not self._watch.effects:
            self.ended = REFUSED  # its turn came, and it could not be planned
        if self.ended not in {REFUSED, "undone", self._reference.ended}:
            assert self._deployment
            yield f"it ended {self.ended}: {self._deployment.run.failure or self._deployment.run.says}"
        expected = self._reference.after if self.ended == self._reference.ended else before
        if self._beginning.operation.grows and self.ended == "undone":
            expected = grown(expected, self._world.account.state("group"))
        yield from broken(self._world, self._watch, expected, self._deployment)

    def _begin(self) -> Any:
        """What the operation answers, or None when the request was refused or the process that took it died."""
        earlier = set(Run.objects.values_list("pk", flat=True))
        try:
            return self._beginning.operation.begin(self._world)
        except (CloudError, Refused, NotBaked, Invalid, Died, Deployment.DoesNotExist):
            for run in Run.objects.exclude(pk__in=earlier).order_by("pk"):
                started = Deployment.objects.filter(run=run, kind=Deployment.Kind.CLEAN_UP).first()
                assert started, f"the request failed, but {run} was started"
                finds_it_after_all(started)
            return None

    def _carry_on(self, injector: Injector) -> None:
        deployment = self._deployment
        assert deployment
        workers.look(deployment.run)  # it may have asked a person before
        run = workers.carry_on(deployment)
        if run.state == workers.STUCK:  # only what a person must decide may ask for one
            assert self._cell.fault == DENIED, f"it asks a person, who can do nothing: {run.says}"
            self.asked = injector.healed = True
            workflows.resume(deployment.run_id, actor="bob", reason="the role may do it again")
            workers.carry_on(deployment)
        self.ended = deployment.run.state
        stuck = Borrowed.objects.filter(stuck=True, repaid_at=None).exists()
        denied, left = self._cell.fault == DENIED, put_off(deployment)
        if left or (denied and (self.ended == "failed" or stuck)):
            self.asked, injector.healed = denied, True
            self.ended = self._later(injector, left)

    def _later(self, injector: Injector, left: Sequence[str]) -> str:
        """What comes of what was left, since AWS refused something, once it does not: how it ends then."""
        deployment = self._deployment
        assert deployment
        if left:  # tried again by itself, an hour later
            KeptGroup.objects.filter(arn__in=left, ended_at=None).update(until=Now())
            assert services.start_due_clean_ups() == 1
            again = Deployment.objects.latest("pk")
            injector.follow(again.run_id)
            return self._reference.ended if workers.carry_on(again).state == "succeeded" else again.run.state
        if self.ended == "failed":
            assert left_over(deployment), "it failed, and lists nothing that is left"
        repair()
        done = deployment.run.steps.filter(state=StepState.DONE).exists()
        return self._reference.ended if done else "undone"

    def _another(self) -> None:
        assert self._deployment
        workers.another(self._deployment)()


def grown(expected: State, found: State) -> State:
    """With the desired of groups that have more of it than they had, within the same min and max."""
    sizes = {name: each["size"] for name, each in found.items()}

    def more(name: str, known: dict[str, Any]) -> dict[str, Any]:
        low, wanted, high = known.get("size", (0, 0, 0))
        now = sizes.get(name, (low, wanted, high))
        return {**known, "size": now} if (now[0], now[2]) == (low, high) and now[1] > wanted else known

    return {name: more(name, known) for name, known in expected.items()}


def put_off(deployment: Deployment) -> list[str]:
    """The ARNs of groups whose deletion is tried again an hour later."""
    tried = Q(kind="delete-older-group", says__contains="tried again") | Q(kind="delete-group", run__state="failed")
    return list(deployment.run.steps.filter(tried).values_list("params__arn", flat=True))


def finds_it_after_all(clean_up: Deployment) -> None:
    """A group to go back to that AWS did not show is struck off once it surely is gone; it is not."""
    workers.look(clean_up.run)
    workers.carry_on(clean_up)
    assert clean_up.run.ended, f"{clean_up}: {clean_up.run.says}"
    assert KeptGroup.objects.filter(cluster=clean_up.cluster_id, ended_at=None).exists(), f"{clean_up} struck it off"


def repair() -> None:
    """What the reconciler does once it is time, until it has nothing more to do."""
    while True:
        Borrowed.objects.filter(repaid_at__isnull=True).update(retry_at=None)
        if not services.reconcile():
            return
        for run in Run.objects.filter(kind="repair", ended_at__isnull=True):
            workers.carry_on(SimpleNamespace(run=run))
            assert run.state == "succeeded", f"the repair ended {run.state}: {run.failure}"
