"""Where cells begin: prepared once for each operation, then brought back for each cell, in the cloud and the database.

What comes before the step at which a cell strikes is the same for all that strike there, and is gone through once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

from apps.cloud.aws import session
from apps.deployments.models import Deployment
from tests.faults import rows, surroundings, workers
from tests.faults.calls import Stage
from tests.faults.cloud import ForkedCloud
from tests.faults.injector import Injector
from tests.faults.operations import Operation
from tests.faults.stale import Memory
from tests.faults.watch import Watch
from tests.faults.world import World, Worlds, settle

EMPTY, KEPT = "empty", "kept"  # moments of the database


@dataclass(frozen=True)
class Beginning:
    """A moment of an operation: before it has begun, or when its run, without any fault so far, came to a stage."""

    operation: Operation
    world: World
    watch: Watch
    memory: Memory = field(default_factory=Memory)
    deployment: Any = None  # or what has a `run` and a `run_id`, as `Operation.begin` answers it
    stage: Stage | None = None

    def is_before(self, stage: Stage | None) -> bool:
        """Whether a stage comes later."""
        return stage is not None and (self.stage is None or self.stage.order < stage.order)

    def again(self) -> Beginning:
        """The same moment, for a run that goes its own way from here; rows are read from the database."""
        done = [Deployment.objects.select_related("run").get(pk=each.pk) for each in self.world.done]
        deployment = next((each for each in done if each == self.deployment), None) or workers.again(self.deployment)
        world = replace(self.world, done=done)
        return replace(self, world=world, watch=self.watch.copy(), memory=self.memory.copy(), deployment=deployment)


class Checkpoint:
    """Keeps one moment at a time."""

    def __init__(self, cloud: ForkedCloud, worlds: Worlds) -> None:
        self._cloud = cloud
        self._worlds = worlds
        self._kept: Beginning | None = None
        self._kept_at = 0.0  # seconds, of the monotonic clock
        self._emptied = False  # whether the database was kept as it is without any world

    def forget_rows(self) -> None:
        """The database was emptied."""
        self.leave()
        self._emptied = False

    def at(self, operation: Operation, stage: Stage | None = None) -> Beginning:
        """The world in which the operation begins, or comes to a stage, as if nothing had ever happened after that."""
        kept = self._kept
        if kept is None or kept.operation != operation or not (kept.stage == stage or kept.is_before(stage)):
            self.leave()
            kept = self._keep(self._prepare(operation))
        if kept.is_before(stage):
            assert stage
            self._kept = None  # should what follows fail
            self._cloud.drop()
            self._restore_rows()
            kept = self._keep(_gone_on(kept.again(), stage))
        self._cloud.restore()
        self._restore_rows()
        return kept.again()

    def _restore_rows(self) -> None:
        """As they were kept; of the time that passed since, the steps of a run that goes on know nothing."""
        rows.restore(KEPT)
        workers.as_if_now(time.monotonic() - self._kept_at)
        surroundings.forget()

    def _prepare(self, operation: Operation) -> Beginning:
        if self._emptied:
            rows.restore(EMPTY)
        else:
            rows.keep(EMPTY)
            self._emptied = True
        surroundings.forget()
        session.forget()  # credentials shall be of before the checkpoint, and last
        workers.beside.clear()
        world = self._worlds.make(operation.driver)
        operation.prepare(world)
        settle(world)
        return Beginning(operation, world, Watch(world.account, world.needs))

    def _keep(self, beginning: Beginning) -> Beginning:
        rows.keep(KEPT)
        self._cloud.keep()
        self._kept, self._kept_at = beginning, time.monotonic()
        return beginning

    def leave(self) -> None:
        """Gives back the world that is kept, if one is."""
        if self._kept:
            self._cloud.drop()
            self._worlds.give_back(self._kept.world)
            self._kept = None


def _gone_on(beginning: Beginning, stage: Stage) -> Beginning:
    """Carries an operation on to a stage. Raises AssertionError when it never comes there."""
    injector = Injector(beginning.watch, memory=beginning.memory)
    with injector.installed():
        deployment = beginning.deployment or beginning.operation.begin(beginning.world)
        injector.follow(deployment.run_id)
        workers.carry_on_to(deployment, stage)
    assert not any(call.stage == stage for call in injector.calls), f"{stage} had begun when it was to be kept"
    return replace(beginning, deployment=deployment, stage=stage)
