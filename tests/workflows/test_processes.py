"""Workers as processes: killed, stopped past their lease, with a wrong clock; two schedulers; an emptied broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from apps.events.models import Event
from apps.workflows import kinds
from apps.workflows import lease as leases
from apps.workflows.models import Attempt, Run
from apps.workflows.plans import PlannedStep
from apps.workflows.services import advance, start, sweep
from apps.workflows.services.advance import NUDGE_AGAIN, due
from tests.workflows.conftest import Scripted, World, begin, carry_on
from tests.world import wait_for

LEASE = 2.0
PICKED_UP_WITHIN = 15.0  # seconds after its lease's end, the run of a worker that died
Worker = psutil.Process


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[subprocess.Popen[str]]:
    """Forks workers on the tests' database: one that is started anew reads all of the code first."""
    there = connection.settings_dict
    url = f"postgres://{there['USER']}@{quote(there['HOST'], safe='')}/{there['NAME']}"
    env = {**os.environ, "DATABASE_URL": url, "LEASE_SECONDS": str(LEASE)}
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.workflows.worker"]
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as started:
        yield started
        started.kill()


@pytest.fixture
def hire(nursery: subprocess.Popen[str], tmp_path: Path, transactional_db: None) -> Iterator[Callable[..., Worker]]:
    """Starts workers on the test's database; whatever still lives at the end is ended."""
    hired: list[Worker] = []

    def hire(clock_off: int = 0) -> Worker:
        assert nursery.stdin
        assert nursery.stdout
        print(tmp_path, clock_off, file=nursery.stdin, flush=True)
        worker = Worker(int(nursery.stdout.readline()))
        hired.append(worker)
        wait_for((tmp_path / f"ready-{worker.pid}").exists, "the worker to be ready", 30)
        return worker

    yield hire
    for worker in hired:
        with suppress(psutil.NoSuchProcess):
            worker.kill()
            worker.wait()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process may plan the workers' steps; it does not carry them out."""
    for slug in ("test-blocks", "test-waits"):
        monkeypatch.setitem(kinds._kinds, slug, Scripted())


def plan(kind: str) -> Run:
    steps = (PlannedStep(kind, "a", {"name": "a"}),)
    return start(kind="push", subject="api-prod", steps=steps, actor="ann", reason="", lock="cluster")


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.ended


def test_the_run_of_a_killed_worker_is_picked_up_within_seconds_of_its_leases_end(
    hire: Callable[..., Worker], tmp_path: Path
) -> None:
    first = hire()
    run = plan("test-blocks")
    wait_for((tmp_path / f"looking-{first.pid}").exists, "the first worker to look")
    run.refresh_from_db()
    lease_until = run.lease_until
    first.kill()
    second = hire()
    wait_for(lambda: ended(run), "the second worker to take over")
    attempt = Attempt.objects.get()
    assert run.facts == {"by": second.pid}
    assert attempt.ended_at is not None
    assert lease_until is not None
    assert 0 < (attempt.ended_at - lease_until).total_seconds() < PICKED_UP_WITHIN


def test_a_dead_workers_run_is_told_of_again_within_seconds_of_its_leases_end(
    fresh_world: World, transactional_db: None
) -> None:
    """By the engine's own rule, whenever it was last told of: the pause between two messages, then the next sweep."""
    sweeps = settings.CELERY_BEAT_SCHEDULE["sweep"]
    assert sweeps["task"] == "workflows.sweep"
    assert NUDGE_AGAIN + sweeps["schedule"] < PICKED_UP_WITHIN
    run = begin("a")
    assert sweep() == 1
    assert leases.claim(run.pk, "a worker that dies") is not None
    mine, ago = Run.objects.filter(pk=run.pk), timedelta(seconds=NUDGE_AGAIN)
    mine.update(nudged_at=Now() - ago)
    assert (due(), sweep()) == ([], 0)  # the lease holds: nobody else takes it up
    mine.update(lease_until=Now() - timedelta(milliseconds=1), nudged_at=Now())
    assert (due(), sweep()) == ([run.pk], 0)  # whoever looks finds it; the last message may still be on its way
    mine.update(nudged_at=Now() - ago)
    assert sweep() == 1
    advance(run.pk)
    assert ended(run)
    assert fresh_world.did == ["a"]


def test_a_worker_that_was_stopped_past_its_lease_writes_nothing_when_it_goes_on(
    hire: Callable[..., Worker], tmp_path: Path
) -> None:
    first = hire()
    run = plan("test-blocks")
    wait_for((tmp_path / f"looking-{first.pid}").exists, "the first worker to look")
    os.kill(first.pid, signal.SIGSTOP)
    second = hire()
    wait_for(lambda: ended(run), "the second worker to take over")
    before = (run.facts, run.changed_at, Attempt.objects.count(), Event.objects.count())
    (tmp_path / "go").touch()
    os.kill(first.pid, signal.SIGCONT)
    wait_for((tmp_path / f"advanced-{first.pid}").exists, "the first worker to come out of its look")
    run.refresh_from_db()
    assert (run.facts, run.changed_at, Attempt.objects.count(), Event.objects.count()) == before
    assert run.facts == {"by": second.pid}
    assert first.is_running()


def test_a_worker_whose_clock_is_ten_minutes_off_writes_the_databases_time(hire: Callable[..., Worker]) -> None:
    hire(clock_off=600)
    run = plan("test-waits")
    wait_for(lambda: ended(run), "the run to end")
    now = Run.objects.annotate(now=Now()).get(pk=run.pk).now
    attempt = Attempt.objects.get()
    assert attempt.looks == 2
    assert run.ended_at is not None
    times = [
        run.started_at,
        run.ended_at,
        attempt.started_at,
        attempt.ended_at,
        *Event.objects.values_list("at", flat=True),
    ]
    assert all(run.created_at <= each <= now for each in times if each)
    assert (run.ended_at - run.created_at).total_seconds() >= 0.5


def test_two_schedulers_at_once_tell_of_each_run_once(
    fresh_world: World, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [begin("a", lock=f"cluster {number}").pk for number in range(20)]
    told: list[int] = []
    together = threading.Barrier(2)

    def send_all(task: str, run_ids: Iterator[int]) -> int:
        told.extend(run_ids)
        return 0

    monkeypatch.setattr(sys.modules["apps.workflows.services.advance"], "send_all", send_all)

    def schedule() -> None:
        together.wait()
        sweep()
        connection.close()

    threads = [threading.Thread(target=schedule) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == runs


def test_a_run_whose_message_was_lost_with_the_broker_is_told_of_again(
    fresh_world: World, transactional_db: None
) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    run = begin("a")
    broker.flushall()
    assert sweep() == 1
    assert broker.llen("celery") == 1
    broker.flushall()
    assert sweep() == 0  # it may still be on its way
    Run.objects.filter(pk=run.pk).update(nudged_at=run.created_at - timedelta(seconds=6))
    assert sweep() == 1
    broker.flushall()
    advance(run.pk)
    assert sweep() == 0


def test_a_step_that_only_another_release_knows_waits_for_it(
    fresh_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin("a", "b")
    run.steps.filter(title="b").update(kind="of-the-next-release")
    advance(run.pk)
    run.refresh_from_db()
    assert run.state == "waiting"
    assert "does not know step kind of-the-next-release" in run.says
    monkeypatch.setitem(kinds._kinds, "of-the-next-release", Scripted())
    assert carry_on(run).state == "succeeded"
    assert fresh_world.did == ["a", "b"]


def test_a_step_that_nobody_knows_asks_a_person_and_undoes_nothing_by_itself(fresh_world: World) -> None:
    run = begin("a", "b")
    run.steps.filter(title="b").update(kind="of-no-release")
    run = carry_on(run, looks=60)
    assert (run.state, run.phase) == ("needs_person", "forward")
    assert fresh_world.did == ["a"]
