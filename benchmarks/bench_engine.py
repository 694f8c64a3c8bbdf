"""The engine alone, beside a floor in the same go: 200 runs of 10 empty steps with two Celery worker processes.

The floor is what remains when there is no engine: one message, one UPDATE, one INSERT and one commit a step. Also: what
waiting costs, and whether each of 100 runs in flight advances while the others do. `python -m benchmarks.bench_engine`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import goals

RUNS, STEPS, ROUNDS = 200, 10, 3
IN_FLIGHT, WAITING = 100, 200
STEPS_GOAL, STATEMENTS_GOAL, WAITING_GOAL = 310, 7, 5  # a second; a step; % of a core


@dataclass(frozen=True)
class Rate:
    """Steps a second, and what the workers' CPU spent on each, in ms."""

    steps: float
    cpu: float


def measure(worker: int) -> None:
    """Prints the numbers; `worker` is the process id of the Celery worker, whose two children do the work."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_run (id int PRIMARY KEY, position int)")
        cursor.execute("CREATE TABLE bench_step (run int, position int)")
    _rate(worker, _engine(8))  # their first tasks import everything
    floors, ours = [], []
    for _ in range(ROUNDS):
        floors.append(_rate(worker, _floor))
        ours.append(_rate(worker, _engine(RUNS)))
        pair = f"{floors[-1].steps:.0f} and {ours[-1].steps:.0f} steps/s"
        print(
            f"  round: floor and engine {pair}, {floors[-1].cpu:.2f} and {ours[-1].cpu:.2f} ms of CPU a step",
            flush=True,
        )
    floor, steps = (statistics.median(rate.steps for rate in rates) for rates in (floors, ours))
    print(f"floor, one message a step      {floor:8.0f} steps/s")
    goal = goals.at_least("engine", steps, STEPS_GOAL, "steps/s")
    print(f"engine, {RUNS} runs of {STEPS} steps   {steps:8.0f} steps/s   {steps / floor:4.2f} x the floor; {goal}")
    print(f"one run at a time, p50         {_one_at_a_time():8.2f} ms a step")
    said = _statements()
    goal = goals.at_most("SQL statements a step", said, STATEMENTS_GOAL)
    print(f"SQL, begin and commit counted  {said:8.1f} a step      floor 4; {goal}", flush=True)
    waiting = _waiting(worker, 3600)
    goal = goals.at_most(f"{WAITING} runs that wait an hour", waiting, WAITING_GOAL, "% of a core")
    print(f"{WAITING} runs that wait an hour    {waiting:8.1f} % of a core, sweeps included; {goal}")
    print(f"{WAITING} runs that look every 3 s  {_waiting(worker, 3):8.1f} % of a core", flush=True)
    took = _in_flight()
    says = f"{min(took):.1f} / {statistics.median(took):.1f} / {max(took):.1f} s"
    print(f"{IN_FLIGHT} in flight, each 3 x 3 s     {says}   fastest / median / slowest")


def _rate(worker: int, work: Callable[[], int]) -> Rate:
    before, began = _cpu(worker), time.monotonic()
    steps = work()
    return Rate(steps / (time.monotonic() - began), (_cpu(worker) - before) * 1000 / steps)


def _engine(runs: int) -> Callable[[], int]:
    """Stores runs; then, from the first message to the last run's end, how many steps that are."""
    from django.db.models.functions import Now

    from apps.workflows.models import Run
    from apps.workflows.services.nudge import send_all

    made = [_start("bench-empty", STEPS, told=False) for _ in range(runs)]

    def work() -> int:
        Run.objects.filter(pk__in=[run.pk for run in made]).update(due_at=Now(), nudged_at=Now())
        send_all("workflows.advance", (run.pk for run in made))
        _until_ended(made)
        return runs * STEPS

    return work


def _floor() -> int:
    from django.db import connection

    from apps.workflows.services.nudge import send_all

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_run, bench_step")
        cursor.execute("INSERT INTO bench_run SELECT n, 0 FROM generate_series(1, %s) n", [RUNS])
    send_all("bench.floor", range(1, RUNS + 1))

    def done() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM bench_step")
            return bool((cursor.fetchone() or (0,))[0] >= RUNS * STEPS)

    _until(done, "the floor")
    return RUNS * STEPS


def _one_at_a_time() -> float:
    from apps.workflows.models import Run

    took = []
    for _ in range(30):
        run = _start("bench-empty", STEPS)
        _until_ended([run])
        run = Run.objects.get(pk=run.pk)
        assert run.ended_at
        assert run.started_at
        took.append((run.ended_at - run.started_at).total_seconds() * 1000 / STEPS)
    return statistics.median(took)


def _statements() -> float:
    """Counted in this process: everything that a worker says to the database for one run."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from apps.workflows.models import Run
    from apps.workflows.services import advance

    run = _start("bench-empty", STEPS, told=False)
    Run.objects.filter(pk=run.pk).update(due_at=run.created_at)
    with CaptureQueriesContext(connection) as seen:
        advance(run.pk)
    assert Run.objects.get(pk=run.pk).state == "succeeded"
    return len(seen) / STEPS


def _waiting(worker: int, every: float) -> float:
    from apps.workflows.models import Run

    runs = [_start("bench-polls", 1, seconds=7200, every=every, look=0.0) for _ in range(WAITING)]
    waiting = Run.objects.filter(pk__in=[run.pk for run in runs], state="waiting")
    _until(lambda: waiting.count() == WAITING, "all to wait")
    time.sleep(every if every < 60 else 0)
    before, began = _cpu(worker), time.monotonic()
    time.sleep(8)
    used = (_cpu(worker) - before) / (time.monotonic() - began) * 100
    waiting.update(due_at=None)
    return used


def _in_flight() -> list[float]:
    from apps.workflows.models import Run

    runs = [_start("bench-polls", 3, seconds=3) for _ in range(IN_FLIGHT)]
    _until_ended(runs)
    ended = Run.objects.filter(pk__in=[run.pk for run in runs])
    return [(run.ended_at - run.created_at).total_seconds() for run in ended if run.ended_at]


_locks = count()


def _start(kind: str, steps: int, *, told: bool = True, **params: Any) -> Any:
    from django.db import transaction

    from apps.workflows.plans import PlannedStep
    from apps.workflows.services import start

    plan = [PlannedStep(kind, f"step {number}", params) for number in range(steps)]
    with transaction.atomic():
        run = start(kind="bench", subject="bench", steps=plan, actor="bench", reason="", lock=f"bench {next(_locks)}")
        if not told:
            transaction.get_connection().run_on_commit.clear()
            type(run).objects.filter(pk=run.pk).update(due_at=None)
    return run


def _until_ended(runs: list[Any]) -> None:
    from apps.workflows.models import Run

    going_on = Run.objects.filter(pk__in=[run.pk for run in runs], ended_at__isnull=True)
    _until(lambda: not going_on.exists(), "runs to end")


def _until(so: Callable[[], bool], what: str, within: float = 180.0) -> None:
    deadline = time.monotonic() + within
    while not so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process and its children have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it ended in this instant
            continue
        if pid in {int(stat.parent.name), int(fields[1])}:
            used += (int(fields[11]) + int(fields[12])) / ticks
    return used


@contextmanager
def _sweeps(seconds: float) -> Iterator[None]:
    """What the scheduler does: a sweep now and then."""
    from apps.workflows.services.nudge import send

    over = threading.Event()

    def sweep() -> None:
        while not over.wait(seconds):
            send("workflows.sweep")

    thread = threading.Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _main(folder: Path) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    import benchmarks.engine_worker  # noqa: F401 -- registers its step kinds here, too

    call_command("migrate", verbosity=0)
    command = ["celery", "-A", "deployconsole", "worker", "-c", "2", "-I", "benchmarks.engine_worker", "-l", "ERROR"]
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log)
        try:
            with _sweeps(settings.SWEEP_SECONDS):
                measure(worker.pid)
        finally:
            worker.terminate()
            worker.wait()


def main() -> None:
    from apps.demo.embedded import Postgres, Redis

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres, redis = Postgres(folder / "pg", durable=True), Redis(folder / "redis")
        postgres.start()
        redis.start()
        try:
            os.environ.update(
                DATABASE_URL=postgres.create("bench"),
                REDIS_URL=redis.url,
                SECRET_KEY="only-for-benchmarks-" + "x" * 50,
                HTTPS="0",
                DJANGO_SETTINGS_MODULE="deployconsole.settings",
            )
            _main(folder)
        finally:
            redis.stop()
            postgres.stop()
    goals.end()


if __name__ == "__main__":
    main()
