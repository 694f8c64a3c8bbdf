"""Cells with real processes: workers behind the proxy, instances, load balancer, and traffic that must not notice.

Struck are the changing calls of pushes and rollbacks, the reads before them, and our own parts.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from django.db import OperationalError, connection

from apps.workflows.models import Run
from apps.workflows.states import ENDED
from tests.cloud_fixture import new_place
from tests.faults import operations, parts, recipes
from tests.faults.calls import Call
from tests.faults.cells import Cell, Reference, Result, struck_where_it_comes
from tests.faults.invariants import broken
from tests.faults.operations import Operation
from tests.faults.proxy import Answer, Request
from tests.faults.snapshot import Account, renamed
from tests.faults.stage import Stage, Worker
from tests.faults.stale import has_tags
from tests.faults.striker import ANY, Striker
from tests.faults.watch import Watch
from tests.faults.world import SIZE, World, known, settle, wipe
from tests.load import LoadClient
from tests.world import build

STRUCK = ("push-red-black-shared-target-group", "rollback-red-black-shared-target-group")
LOSING = (  # by one fault, at the calls that take something out of service
    "push-red-black-classic-elb",
    "push-red-black-weighted-target-groups",
    "rollback-red-black-weighted-target-groups",
    "push-rolling-red-black-shared-target-group",
    "push-rolling-replace-shared-target-group",
    "rollback-rolling-replace-shared-target-group",
    "undo-of-push-shared-target-group",
    "undo-of-part-weighted-target-groups",
    "push-queued",
    "rollback-queued",
    "change-terminate-instance",
    "change-replace-instance",
    "change-detach-instance",
    "change-disable-traffic",
)
TAKES = ("Detach", "Terminate", "ModifyListener", "ModifyRule", "DeleteAutoScalingGroup")
AT_CHANGES = ("kill-after", "stop-after")
AT_LOSSES = ("late", "stop-before")  # at what takes something out of service, beside those
IN_TURN = (
    "kill-before",
    "late",
    "stop-before",
    "cut-after",
    "throttle",
    "server-error",
    "cut",
    "delay",
    "deny",
    "error-after",
)
AT_READS = ("stop-after", "stale", "untagged")  # one at each read before a change
PREFIX = "real-"
RATE = 30.0  # requests a second
SPARED = 2  # times that a read may be spared by a shared one before its cell fails
WITHIN = 150.0  # seconds a run may take, two leases of dead workers included


class RealLab:
    """Carries cells out on a stage, several at a time."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.meet = self._meet
        self._strikers: list[Striker] = []
        self._references: dict[str, Reference] = {}
        self._lock = threading.Lock()
        self._clusters = 0
        self.alone = threading.Lock()

    def cells(self) -> Iterator[Cell]:
        """All real cells."""
        turn = itertools.cycle(IN_TURN)  # goes on from one operation to the next, so that each of them has its turn
        for slug in STRUCK:
            calls = self.reference(slug).calls
            changes = [call for call in calls if call.changing]
            for call in changes:
                more = AT_LOSSES if call.operation.startswith(TAKES) else ()
                faults = dict.fromkeys((*AT_CHANGES, next(turn), *more))
                yield from (Cell(PREFIX + slug, call, fault) for fault in faults)
            reads = [before for before, call in pairwise(filter(_of_a_run, calls)) if call.changing > before.changing]
            for before, fault in zip(reads, itertools.cycle(AT_READS)):
                can = fault != "untagged" or has_tags(before.operation)
                yield Cell(PREFIX + slug, before, fault if can else AT_READS[0])
        for slug in LOSING:
            losing = (call for call in self.reference(slug).calls if call.operation.startswith(TAKES))
            yield from (Cell(PREFIX + slug, call, "kill-after") for call in losing)
        for slug, step in zip(STRUCK, (parts.PUSHING, parts.RETURNING), strict=True):
            yield from (Cell(PREFIX + slug, Call("forward", step, "-", "-", 1), part) for part in parts.PARTS)

    def reference(self, slug: str) -> Reference:
        """A fault-free run."""
        if slug not in self._references:
            self._references[slug] = self._record(slug)
        return self._references[slug]

    def _record(self, slug: str) -> Reference:
        operation = operations.all()[slug]
        world = self._world(operation)
        striker = self._follow(world, None, "")
        deployment = operation.begin(world)
        striker.run_id = deployment.run_id
        run = await_end(deployment)
        assert run.state in {"succeeded", "undone"}, f"{slug} without a fault: {run.state}: {run.failure or run.says}"
        settle(world)
        self._strikers.remove(striker)
        after = renamed(world.account.state(), world.cluster.name, ANY)
        wipe(world.account)
        return Reference(tuple(striker.calls), run.state, after)

    def run(self, cell: Cell) -> Result:
        """Carries one cell out under load; anew where another cluster's read has just told what its read would have."""
        result = struck_where_it_comes(cell, self._once)
        for _ in range(SPARED):
            if result.struck or cell.call.changing:
                break
            result = struck_where_it_comes(cell, self._once)
        return result

    def _once(self, cell: Cell) -> Result:
        began = time.monotonic()
        slug = cell.operation.removeprefix(PREFIX)
        reference = self.reference(slug)
        ended, struck = "error", True
        try:
            operation = operations.all()[slug]
            world = self._world(operation)
            client = LoadClient(world.service.url, RATE)
            client.start()
            try:
                striker, run, deployment = self._struck(world, operation, cell)
            finally:
                load = client.stop()
            ended, struck = run.state, striker.struck > 0
            failures = [f"a request failed: {failure.reason}" for failure in load.failures[:3]]
            failures += self._broken(world, striker, deployment, run, reference)
            wipe(world.account)  # hundreds of instances that nobody asks would slow down the cells to come
        except Exception as error:  # noqa: BLE001 -- whatever comes out, the cell failed by it
            failures = [f"{type(error).__name__}: {error}"]
        return Result(cell, ended, False, struck, tuple(failures), time.monotonic() - began)

    def _struck(self, world: World, operation: Operation, cell: Cell) -> tuple[Striker, Run, Any]:
        part = parts.PARTS.get(cell.fault)
        striker = self._follow(world, None if part else cell.call, cell.fault)
        try:
            deployment = operation.begin(world)
            striker.run_id = deployment.run_id
            if part:
                reached(deployment, cell.call.step)
                with part(self.stage):
                    run = await_end(deployment)
                striker.struck = 1
            else:
                run = await_end(deployment)
        finally:
            self._strikers.remove(striker)
        return striker, run, deployment

    def _broken(self, world: World, striker: Striker, deployment: Any, run: Run, reference: Reference) -> list[str]:
        settle(world)
        failures = [] if striker.struck else ["the call never came"]
        failures += [striker.late] if striker.late else []
        if run.state not in {"undone", reference.ended}:
            failures.append(f"it ended {run.state}: {run.failure or run.says}")
        as_planned = run.state == reference.ended
        expected = renamed(reference.after, ANY, world.cluster.name) if as_planned else striker.watch.start
        return [*failures, *broken(world, striker.watch, expected, deployment)]

    def _world(self, operation: Operation) -> World:
        with self._lock:
            self._clusters += 1
            number = self._clusters
        world = make_world(self.stage, f"api{number}-prod")
        recipes.DRIVERS[operation.driver](world.account, world.service)
        recipes.choose(world.cluster, operation.driver)
        operation.prepare(world)
        settle(world)
        return world

    def _follow(self, world: World, at: Call | None, fault: str) -> Striker:
        names = (world.cluster.name, world.service.template)
        striker = Striker(Watch(world.account, SIZE), names, at, fault)
        self._strikers.append(striker)
        return striker

    def _meet(self, worker: Worker, request: Request, send: Callable[[], bytes]) -> Answer:
        for striker in list(self._strikers):
            if striker.owns(request) and striker.run_id is not None:
                return striker.meet(worker, request, send)
        return send()


def _of_a_run(call: Call) -> bool:
    """Whether it is about the two groups of a run at most: the inventory, when told of news, asks for the next too."""
    return call.about.count("+") < 2


def make_world(stage: Stage, cluster: str) -> World:
    """A service in an account of its own, known to the inventory."""
    account = Account(new_place(stage.cloud))
    folder = stage.folder / "images"
    folder.mkdir(exist_ok=True)
    built = build(stage.cloud, folder, cluster=cluster, size=SIZE, place=account.place, bad=())
    return known(built, account)


def await_end(deployment: Any, within: float = WITHIN) -> Run:
    """Waits until workers have brought the run to its end, or to a person."""
    return _until(deployment, lambda run: run.state in {*ENDED, "needs_person"}, within)


def reached(deployment: Any, step: str) -> None:
    """Waits until the run is at a step, as "3.wait-healthy", or past it."""
    _until(deployment, lambda run: run.position >= int(step.split(".")[0]) or run.state in ENDED, WITHIN)


def _until(deployment: Any, holds: Callable[[Run], bool], within: float) -> Run:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            run = Run.objects.get(pk=deployment.run_id)
        except OperationalError:  # the database is being restarted
            connection.close()
        else:
            if holds(run):
                deployment.run = run
                return run
        time.sleep(0.1)
    raise AssertionError(f"{deployment} did not come so far within {within:g} s: {run.state}: {run.says}")
