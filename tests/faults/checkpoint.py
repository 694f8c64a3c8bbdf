"""Where an operation begins: prepared once, then brought back for each of its runs, in the cloud and the database."""

from __future__ import annotations

from dataclasses import replace

from apps.cloud.aws import session
from apps.deployments.models import Deployment
from tests.faults import rows, surroundings
from tests.faults.cloud import ForkedCloud
from tests.faults.operations import Operation
from tests.faults.watch import Watch
from tests.faults.world import SIZE, World, Worlds, settle

EMPTY, PREPARED = "empty", "prepared"  # moments of the database


class Checkpoint:
    """Keeps the beginning of one operation at a time."""

    def __init__(self, cloud: ForkedCloud, worlds: Worlds) -> None:
        self._cloud = cloud
        self._worlds = worlds
        self._operation = ""
        self._emptied = False  # whether the database was kept as it is without any world
        self._world: World
        self._watch: Watch

    def forget_rows(self) -> None:
        """The database was emptied."""
        self._leave()
        self._emptied = False

    def at(self, operation: Operation) -> tuple[World, Watch]:
        """The world in which the operation begins, as if nothing had ever happened in it, and a watch on it."""
        if self._operation != operation.slug:
            self._leave()
            self._prepare(operation)
        self._cloud.restore()
        rows.restore(PREPARED)
        surroundings.forget()
        done = [Deployment.objects.select_related("run").get(pk=each.pk) for each in self._world.done]
        return replace(self._world, done=done), self._watch.anew()

    def _prepare(self, operation: Operation) -> None:
        if self._emptied:
            rows.restore(EMPTY)
        else:
            rows.keep(EMPTY)
            self._emptied = True
        surroundings.forget()
        session.forget()  # credentials shall be of before the checkpoint, and last
        self._world = self._worlds.make(operation.driver)
        operation.prepare(self._world)
        settle(self._world)
        self._watch = Watch(self._world.account, SIZE)
        rows.keep(PREPARED)
        self._cloud.keep()
        self._operation = operation.slug

    def _leave(self) -> None:
        if self._operation:
            self._operation = ""
            self._cloud.drop()
            self._worlds.give_back(self._world)
