"""Reading an inventory of 1,000 groups, 1,000 templates and 5,000 instances, beside plain boto3 in the same go.

CPU seconds of this process (the made-up AWS is another one), medians of three rounds.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import goals

ROUNDS = 3
REGION = "us-east-1"
LESS_THAN_BOTO3, TIMES_THE_READ, CALLS = 3, 2, 24  # goals


def cpu_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median CPU time, user and system, of doing it once."""
    taken = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_SELF)
        work()
        after = resource.getrusage(resource.RUSAGE_SELF)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken)


def by_boto3() -> None:
    import boto3

    session = boto3.Session(region_name=REGION)
    autoscaling, ec2 = session.client("autoscaling"), session.client("ec2")
    for client, operation, options in (
        (autoscaling, "describe_auto_scaling_groups", {"MaxRecords": 100}),
        (ec2, "describe_instances", {"MaxResults": 1000}),
        (ec2, "describe_launch_templates", {"MaxResults": 200}),
    ):
        for _ in client.get_paginator(operation).paginate(**options):
            pass


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from apps.cloud.aws import autoscaling, ec2
    from apps.cloud.aws.session import observe
    from apps.inventory.models import Environment, SyncState
    from apps.inventory.services import sync_region

    call_command("migrate", verbosity=0)
    environment = Environment.objects.create(name="bench", account_id="123456789012", regions=[REGION])
    target = environment.target(REGION)

    def by_us() -> None:
        autoscaling.describe_groups(target)
        ec2.describe_instances(target)
        ec2.describe_launch_templates(target)

    def sync() -> None:
        sync_region(environment, REGION, everything=True)

    peer, ours = cpu_seconds(by_boto3), cpu_seconds(by_us)
    print(f"boto3 paginators, read alone        {peer:6.2f} s")
    goal = goals.at_least("reading, CPU beside boto3", peer / ours, LESS_THAN_BOTO3, "x less")
    print(f"apps.cloud.aws, to plain values     {ours:6.2f} s   {peer / ours:4.1f} x less; {goal}")
    print(f"sync, first time, every row written {cpu_seconds(sync, 1):6.2f} s")
    again = cpu_seconds(sync)
    written = sum(SyncState.objects.values_list("written", flat=True))
    goal = goals.at_most("sync, nothing changed", again / ours, TIMES_THE_READ, "x the read")
    print(f"sync, nothing changed               {again:6.2f} s   {again / ours:4.1f} x the read; {goal}")
    goal = goals.at_most("sync, nothing changed", written, 0, "rows written")
    print(f"rows written by it                  {written:6d}     {goal}")
    calls: list[object] = []
    with observe(calls.append):
        sync()
    goal = goals.at_most("calls of a sync", len(calls), CALLS)
    print(f"calls of a sync                     {len(calls):6d}     floor 20; {goal}")


def main() -> None:
    from apps.demo.embedded import Postgres

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        postgres = Postgres(Path(folder) / "pg")
        postgres.start()
        canned = subprocess.Popen([sys.executable, "-m", "benchmarks.canned"], stdout=subprocess.PIPE, text=True)
        try:
            os.environ.update(
                AWS_ENDPOINT_URL=canned.stdout.readline().strip() if canned.stdout else "",
                AWS_ACCESS_KEY_ID="bench",
                AWS_SECRET_ACCESS_KEY="bench",
                DATABASE_URL=postgres.create("bench"),
                REDIS_URL="redis://127.0.0.1:1/0",
                SECRET_KEY="only-for-benchmarks-" + "x" * 50,
                HTTPS="0",
                LOG_LEVEL="ERROR",
                DJANGO_SETTINGS_MODULE="deployconsole.settings",
            )
            measure()
        finally:
            canned.terminate()
            canned.wait()
            postgres.stop()
    goals.end()


if __name__ == "__main__":
    main()
