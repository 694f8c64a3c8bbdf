"""Reading an inventory of 1,000 groups, target groups, load balancers and templates and 5,000 instances, beside boto3.

CPU seconds of this process (the made-up AWS is another one) and seconds on the clock. Ends with status 1 when the first
sync makes more calls than 1.1 times the pages that boto3 reads, or asks for anything a resource at a time.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import goals

ROUNDS = 3
REGION = "us-east-1"
MOST = 1.1  # calls of a first sync, by the pages there are
PAGED = frozenset(
    {
        "DescribeAutoScalingGroups",
        "DescribeImages",
        "DescribeInstances",
        "DescribeLaunchTemplates",
        "DescribeLoadBalancers",
        "DescribeTargetGroups",
    }
)
LESS_THAN_BOTO3, TIMES_THE_READ = 3, 2  # goals


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Of doing it once: CPU time, user and system, and time on the clock; the medians."""
    taken, passed = [], []
    for _ in range(rounds):
        before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        work()
        passed.append(time.monotonic() - began)
        after = resource.getrusage(resource.RUSAGE_SELF)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken), statistics.median(passed)


def by_boto3() -> int:
    """Reads with boto3's paginators what a first sync reads; the pages there were."""
    import boto3

    session = boto3.Session(region_name=REGION)
    autoscaling, ec2, elbv2 = (session.client(service) for service in ("autoscaling", "ec2", "elbv2"))
    reads: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (autoscaling, "describe_auto_scaling_groups", {"MaxRecords": 100}),
        (ec2, "describe_instances", {"MaxResults": 1000}),
        (ec2, "describe_launch_templates", {"MaxResults": 200}),
        (elbv2, "describe_target_groups", {"PageSize": 400}),
        (elbv2, "describe_load_balancers", {"PageSize": 400}),
        (ec2, "describe_images", {"Owners": ["self"], "MaxResults": 1000}),
        (ec2, "describe_images", {"ExecutableUsers": ["self"], "MaxResults": 1000}),
    )
    return sum(1 for client, operation, options in reads for _ in client.get_paginator(operation).paginate(**options))


def told(what: str, took: tuple[float, float], more: str = "") -> None:
    print(f"{what:36s} {took[0]:6.2f} s CPU {took[1]:6.2f} s   {more}".rstrip())


def counted(work: Callable[[], object]) -> Counter[str]:
    """The calls that it makes, by operation."""
    from apps.cloud.aws.session import observe

    calls: list[Any] = []
    with observe(calls.append):
        work()
    return Counter(call.operation for call in calls)


def measure() -> None:
    """Prints all; whether a first sync costs no more calls than it may."""
    import django

    django.setup()
    from django.core.management import call_command

    from apps.cloud.aws import autoscaling, ec2, elbv2
    from apps.inventory.models import Environment, SyncState
    from apps.inventory.services import read_one_by_one, sync_region

    call_command("migrate", verbosity=0)
    environment = Environment.objects.create(name="bench", account_id="123456789012", regions=[REGION])
    target = environment.target(REGION)

    def by_us() -> None:
        autoscaling.describe_groups(target)
        ec2.describe_instances(target)
        ec2.describe_launch_templates(target)
        elbv2.describe_target_groups(target)
        elbv2.describe_load_balancers(target)
        ec2.describe_images(target)

    def sync() -> None:
        sync_region(environment, REGION, everything=True)

    pages = by_boto3()
    peer, ours = seconds(by_boto3), seconds(by_us)
    told("boto3 paginators, read alone", peer)
    goal = goals.at_least("reading, CPU beside boto3", peer[0] / ours[0], LESS_THAN_BOTO3, "x less")
    told("apps.cloud.aws, to plain values", ours, f"{peer[0] / ours[0]:.1f} x less CPU; {goal}")
    calls: Counter[str] = Counter()
    first = seconds(lambda: calls.update(counted(lambda: sync_region(environment, REGION))), 1)
    told("sync, first time, every row written", first, f"{first[1] / peer[1]:.1f} x boto3's reading")
    again = seconds(sync)
    written = sum(SyncState.objects.values_list("written", flat=True))
    goal = goals.at_most("sync, nothing changed", again[0] / ours[0], TIMES_THE_READ, "x the read")
    told("sync, nothing changed", again, f"{again[0] / ours[0]:.1f} x the read; {goal}")
    goal = goals.at_most("sync, nothing changed", written, 0, "rows")
    print(f"rows written by it                  {written:6d}   {goal}")
    one_by_one: Counter[str] = Counter()
    round_of = seconds(lambda: one_by_one.update(counted(lambda: read_one_by_one(environment, REGION))), 1)
    told("a round of what is told one by one", round_of, f"{one_by_one.total()} calls, after the sync and apart")
    _bounded(calls, pages)


def _bounded(calls: Counter[str], pages: int) -> None:
    ratio, strange = calls.total() / pages, sorted(calls.keys() - PAGED)
    goal = goals.at_most("calls of the first sync", ratio, MOST, "x the pages")
    print(f"calls of the first sync             {calls.total():6d}   {pages} pages: {ratio:.2f} x; {goal}")
    print("  " + ", ".join(f"{operation} {count}" for operation, count in sorted(calls.items())))
    goals.at_most(f"asked a resource at a time: {', '.join(strange)}", len(strange), 0, "operations")


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
                AWS_READS_PER_SECOND="10000",  # the made-up AWS limits nobody: our own time is measured
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
