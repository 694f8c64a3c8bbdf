"""Worker processes that die by SIGKILL, one at each step of a bake and of its undo, at the call that matters there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models import F

from apps.images.models import Bake
from apps.localcloud.launch import RunningCloud
from apps.workflows import kinds
from apps.workflows.models import Run, Step
from apps.workflows.states import Phase
from tests.faults.calls import READING
from tests.faults.proxy import Answer, Proxy, Request
from tests.images.kitchen import REGIONS, Kitchen
from tests.world import wait_for

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "127.8.{}.1"  # any loopback address that nothing else uses


class Killer:
    """Between a worker and the cloud: at each step it kills the worker at the first call that changes something, and
    where a step makes none, at its first read; before the call is sent, or after it took effect.
    """

    def __init__(self, made: Bake, *, after: bool) -> None:
        self.made = made
        self.after = after
        self.killed: list[str] = []  # by step, as "forward launch-builder"
        self.pids: Iterator[int] = iter(())
        self.worker = 0

    def hire(self) -> None:
        """The worker that is there now."""
        self.worker = next(self.pids)

    def meet(self, request: Request, send: Callable[[], bytes]) -> Answer:
        where = self._where()
        if where in self.killed or not self._matters(where, request.operation):
            return send()
        self.killed.append(where)
        if self.after:
            send()
        os.kill(self.worker, signal.SIGKILL)
        self.hire()
        try:
            Run.objects.filter(pk=self.made.run_id).update(lease_until=None, due_at=F("created_at"))  # it is over
        finally:
            connection.close()
        return None

    def _where(self) -> str:
        try:
            run = Run.objects.get(pk=self.made.run_id)
            step = Step.objects.get(run=run, position=run.position)
            return f"{run.phase} {step.kind}"
        finally:
            connection.close()

    def _matters(self, where: str, operation: str) -> bool:
        phase, kind = where.split(" ")
        acts = any(not call.split(":")[1].startswith(READING) for call in getattr(kinds.kind(kind), "calls", ()))
        if phase == Phase.UNDO and kind == "launch-builder":
            acts = False  # its builder was terminated on the way forward
        return not (acts and operation.startswith(READING))


@contextmanager
def workers(cloud: RunningCloud, killer: Killer) -> Iterator[None]:
    """Workers on the test's database that reach the cloud through the killer, one at a time."""
    there = connection.settings_dict
    proxy = Proxy(cloud.endpoint, ADDRESS.format(os.getpid() % 250 + 1), killer.meet)
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{there['USER']}@{quote(there['HOST'], safe='')}/{there['NAME']}",
        "AWS_ENDPOINT_URL": proxy.endpoint,
    }
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.images.nursery"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    try:
        assert nursery.stdout
        killer.pids = map(int, nursery.stdout)
        killer.hire()
        yield
    finally:
        nursery.kill()
        nursery.wait()
        proxy.stop()


def carried_on(made: Bake) -> Run:
    """The run once it has ended; what it waits for comes at once."""

    def ended() -> bool:
        waiting = Run.objects.filter(pk=made.run_id, due_at__isnull=False, lease_until=None)
        waiting.update(due_at=F("created_at"))
        made.run.refresh_from_db()
        return made.run.ended

    wait_for(ended, f"{made} to end", 120)
    return made.run


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_killed_at_each_step_leaves_one_image_in_each_region_and_no_builder(
    after: bool, kitchen: Kitchen, aws: RunningCloud
) -> None:
    made = kitchen.started(copies=REGIONS[1:])
    killer = Killer(made, after=after)
    with workers(aws, killer):
        run = carried_on(made)
    assert (run.state, run.failure) == ("succeeded", "")
    assert killer.killed == [f"forward {step.kind}" for step in run.steps.order_by("position")]
    for region in REGIONS:
        assert [image["Name"] for image in kitchen.own_images(region)] == [made.image_name]
    assert made.images.count() == len(REGIONS)
    assert kitchen.instances() == []


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_killed_at_each_step_of_the_undo_leaves_nothing_and_says_why_it_undid(
    after: bool, kitchen: Kitchen, aws: RunningCloud
) -> None:
    made = kitchen.started(copies=REGIONS[1:])
    kitchen.fault("copy_fails:eu-west-1")
    killer = Killer(made, after=after)
    with workers(aws, killer):
        run = carried_on(made)
    assert run.state == "undone"
    assert "in eu-west-1 is failed" in run.failure
    undone = [where for where in killer.killed if where.startswith(Phase.UNDO)]
    assert undone == [f"undo {kind}" for kind in ("copy-images", "create-image", "launch-builder")]
    kitchen.nothing_is_left()
