"""A push beside a bare boto3 script that makes the minimum of calls: same embedded cloud (lite), same run.

Calls to AWS, CPU seconds of the worker, the time from the last instance's health to the move of traffic, and many
pushes at once. Instances boot by timer: no wall time here says how long machines take.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import goals

BOOT_SECONDS = 0.3
SIZES = (4, 50)
ROUNDS = 3
REACTIONS = 7
AT_ONCE = 50
IN_FLIGHT = 100  # on one worker of two processes
CALLS_GOAL, CPU_GOAL, REACTION_GOAL, RATE_GOAL = 14, 0.4, 2, 190  # calls; seconds; seconds; pushes a minute
OTHERS = ("333333333333", "444444444444", "555555555555", "666666666666")  # each may have 50 load balancers


def one_push(size: int) -> None:
    """Calls and CPU of a push, median of a few, beside the script's."""
    from apps.cloud.aws.observe import observe
    from apps.cloud.values import CallRecord
    from apps.deployments import services
    from benchmarks.push_fleet import build, carry_on, script, watching

    floors = [script(build(size)) for _ in range(ROUNDS)]
    fleet = build(size)
    spent, planned = [], []
    for _ in range(ROUNDS + 1):  # in the first one clients are made, once in a worker's life
        reads: list[CallRecord] = []
        with observe(reads.append):
            deployment = services.push(fleet.request(), actor="bench")
        with watching() as seen:
            carry_on(deployment, seen)
        spent.append(seen.seconds)
        planned = [each.operation for each in reads]
    ours, floor = statistics.median(spent[1:]), statistics.median(seconds for _, seconds in floors)
    goal = goals.at_most(f"push of {size}", len(seen.calls), CALLS_GOAL, "calls beside polls")
    print(f"push of {size:2d}: {len(seen.calls):3d} calls beside polls; script {floors[0][0]}; {goal}")
    print(f"            {_counted(seen.calls)}")
    print(f"            {len(seen.polls):3d} calls of polls; {len(planned)} reads before it, for plan and pre-flight:")
    print(f"            {_counted(planned)}")
    goal = goals.at_most(f"push of {size}", ours, CPU_GOAL, "s worker CPU")
    print(f"            {ours:.3f} s worker CPU; script {floor:.3f} s; {ours / floor:.1f} x; {goal}")


def _counted(names: list[str]) -> str:
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in sorted(Counter(names).items()))


def reaction() -> None:
    """From the moment at which the last new target is healthy to the one at which the old group is detached."""
    from apps.deployments import services
    from benchmarks.push_fleet import build, carry_on, health_seen, watching

    fleet, took = build(4), []
    for _ in range(REACTIONS):
        deployment = services.push(fleet.request(), actor="bench")
        to_size = next(step.params["size"] for step in deployment.run.steps.all() if step.kind == "size-group")
        healthy = health_seen(fleet, fleet.size + to_size)
        time.sleep(random.uniform(0, 1))  # noqa: S311 -- sweeps come at any time
        with watching() as seen:
            carry_on(deployment, seen, sweep=1.0)
        took.append(seen.moved_at - healthy[0])
    goal = goals.at_most("healthy to traffic moved", max(took), REACTION_GOAL, "s")
    print(
        f"healthy to traffic moved, a sweep a second: median {statistics.median(took):.2f} s, "
        f"slowest of {REACTIONS} {max(took):.2f} s; {goal}"
    )


def many(count: int) -> None:
    """Pushes of as many clusters of four, asked for one after another, two worker processes."""
    from apps.deployments import services
    from apps.deployments.models import Deployment
    from benchmarks.push_fleet import build, workers

    fleets = [build(4, OTHERS[0]) for _ in range(count)]
    began = time.monotonic()
    with workers(2) as spent:
        started = [services.push(fleet.request(), actor="bench").pk for fleet in fleets]
        asked = time.monotonic() - began
        while Deployment.objects.filter(pk__in=started, run__ended_at__isnull=True).exists():
            time.sleep(0.1)
        wall = time.monotonic() - began
    states = Counter(Deployment.objects.filter(pk__in=started).values_list("run__state", flat=True))
    rate = 60 * count / wall
    goal = goals.at_least(f"{count} pushes at once", rate, RATE_GOAL, "a minute")
    print(
        f"{count} pushes at once: {rate:.0f} a minute; {goal}. {wall:.1f} s, of it {asked:.1f} s until "
        f"all were planned; {sum(spent.cpu) / count:.3f} s worker CPU each; {dict(states)}"
    )


def in_flight(count: int) -> None:
    """Pushes of as many clusters under way at once on one worker: whether each advances while the others do.

    All are planned before the worker starts, which has a process for each of two cores. Beside them one push alone.
    """
    from apps.deployments import services
    from apps.workflows.models import Run, Step
    from benchmarks.push_fleet import build, workers

    fleets = [build(1, OTHERS[1 + number % 3]) for number in range(count + 1)]
    alone, _ = _carried_on([services.push(fleets.pop().request(), actor="bench").run_id], workers)
    runs = [services.push(fleet.request(), actor="bench").run_id for fleet in fleets]
    took, spent = _carried_on(runs, workers)
    first = Step.objects.filter(run__in=runs, position=0).values_list("started_at", flat=True)
    begun = (max(first) - min(first)).total_seconds()
    steps = Step.objects.filter(run__in=runs, state="done").count()
    states = Counter(Run.objects.filter(pk__in=runs).values_list("state", flat=True))
    print(
        f"{count} pushes in flight on one worker of two processes: {min(took):.1f} / {statistics.median(took):.1f} / "
        f"{max(took):.1f} s (fastest / median / slowest, from the worker's start), one alone {alone[0]:.1f} s; "
        f"all begun within {begun:.1f} s; {dict(states)}"
    )
    print(
        f"            {1000 * sum(spent.cpu) / steps:.0f} ms CPU and {sum(spent.statements) / steps:.0f} SQL "
        f"statements a step with all of its looks; {sum(spent.polls) / count:.0f} reads of AWS a push"
    )


def _carried_on(runs: list[int], workers: Any) -> tuple[list[float], Any]:
    """Seconds from the start of a worker of two processes to each run's end, and what they spent."""
    from django.utils import timezone

    from apps.workflows.models import Run

    going_on = Run.objects.filter(pk__in=runs, ended_at__isnull=True)
    with workers(2) as spent:
        while not all(spent.cpu):  # both have started
            time.sleep(0.01)
        began = timezone.now()
        while going_on.exists():
            time.sleep(0.1)
    ended = Run.objects.filter(pk__in=runs).values_list("ended_at", flat=True)
    return [(each - began).total_seconds() for each in ended], spent


def measure(image: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.push_fleet import images_in

    call_command("migrate", verbosity=0)
    images_in(image)
    for size in SIZES:
        one_push(size)
    reaction()
    many(AT_ONCE)
    in_flight(IN_FLIGHT)


def main() -> None:
    from apps.demo.embedded import Postgres, Redis
    from apps.localcloud import launch

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        postgres, redis = Postgres(Path(folder) / "pg"), Redis(Path(folder) / "redis")
        postgres.start()
        redis.start()
        cloud = launch.start(Path(folder) / "cloud", lite=True, boot_seconds=BOOT_SECONDS)
        try:
            os.environ.update(
                AWS_ENDPOINT_URL=cloud.endpoint,
                AWS_ACCESS_KEY_ID=cloud.access_key_id,
                AWS_SECRET_ACCESS_KEY=cloud.secret_access_key,
                AWS_DEFAULT_REGION="us-east-1",
                AWS_READS_PER_SECOND="10000",  # the embedded cloud limits nobody: our own cost is measured
                AWS_CHANGES_PER_SECOND="10000",
                DATABASE_URL=postgres.create("bench"),
                REDIS_URL=redis.url,
                SECRET_KEY="only-for-benchmarks-" + "x" * 50,
                HTTPS="0",
                LOG_LEVEL="ERROR",
                DJANGO_SETTINGS_MODULE="deployconsole.settings",
            )
            measure(Path(folder) / "image")
        finally:
            cloud.stop()
            redis.stop()
            postgres.stop()
    goals.end()


if __name__ == "__main__":
    main()
