"""Fifty pushes at once in one account, where AWS takes fewer calls than they would make: none fails, none starves."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from apps.cloud.aws import buckets, pace, polls, session
from apps.cloud.aws.buckets import Bucket
from apps.cloud.errors import Throttled
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.inventory.models import Cluster
from apps.workflows.services import advance
from apps.workflows.services.advance import due
from tests.deployments.lite import cloud, service
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

PUSHES, WORKERS = 50, 3  # asked for at once; threads that carry them out
TAKEN = 40  # calls of one kind and service that AWS takes in a second


class Limit:
    """Throttles whatever is above so many calls in a second, of each service, reading and changing apart."""

    def __init__(self, real: Any) -> None:
        self.real, self.lock, self.throttled = real, threading.Lock(), 0
        self.taken: dict[tuple[str, bool], deque[float]] = {}

    def send(self, target: Any, service: str, operation: str, parameters: Any, *, changing: bool) -> Any:
        now = time.monotonic()
        with self.lock:
            taken = self.taken.setdefault((service, changing), deque())
            while taken and now - taken[0] >= 1.0:
                taken.popleft()
            over = len(taken) >= TAKEN
            self.throttled += over
            if not over:
                taken.append(now)
        if over:
            raise Throttled(f"{operation}: Rate exceeded", operation=operation)
        return self.real(target, service, operation, parameters, changing=changing)


@pytest.fixture(autouse=True)
def guarded() -> None:
    """Whether the guard is asked is watched elsewhere, where one worker acts at a time."""


def limited(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """From now on AWS takes a quarter of what we believe that it does."""
    made = Limit(session._send)
    monkeypatch.setattr(pace, "_rates", pace.Rates(4 * TAKEN, 4 * TAKEN))
    monkeypatch.setattr(polls, "_fresh_for", 0.8)
    monkeypatch.setattr(session, "_send", made.send)
    return made


def clusters(service: Service, known: Cluster, count: int) -> list[Cluster]:
    """So many clusters beside the one that is known, of one instance each, behind its target group."""
    serving, scaling = service.groups()[service.group], service.place.client("autoscaling")
    made = []
    for number in range(count):
        name = f"api-burst{number}"
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=f"{name}-v000",
            MinSize=1,
            MaxSize=4,
            DesiredCapacity=1,
            LaunchTemplate={"LaunchTemplateId": service.template, "Version": "1"},
            VPCZoneIdentifier=serving["VPCZoneIdentifier"],
            TargetGroupARNs=[service.target_group],
        )
        where = {"environment": known.environment, "region": known.region, "application": known.application}
        made.append(Cluster.objects.create(name=name, **where))
    wait_for(lambda: service.target_states().count("healthy") >= count, "all clusters to serve")
    return made


def asked_at_once(service: Service, made: Sequence[Cluster]) -> list[int]:
    """A push of each cluster, asked for by as many people at the same moment: the deployments' keys."""
    together, image = threading.Barrier(len(made)), service.images["1.1.0"]

    def ask(cluster: Cluster) -> int:
        together.wait()
        try:
            return services.push(PushRequest("prod", cluster.region, cluster.name, image), actor="ann").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(ask, made))


@contextmanager
def at_work() -> Iterator[None]:
    """Within, workers without a broker look for what is due, as the sweep does."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            for run in due():
                advance(run)
            time.sleep(0.05)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_fifty_pushes_asked_for_at_once_in_one_account_are_all_taken_and_all_succeed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for, they wait for the reads that plan them; throttled by AWS afterwards, they slow down together."""
    made = clusters(service, Cluster.objects.get(), PUSHES)
    sent_away, take = iter(range(4 * PUSHES)), buckets.take

    def taken(bucket: Bucket, patience: float) -> float:
        """The first calls find the bucket empty, however slowly they come."""
        return take(bucket, patience) if next(sent_away, None) is None else -patience - 0.2

    with monkeypatch.context() as empty:
        empty.setattr(buckets, "take", taken)
        empty.setattr(polls, "_fresh_for", 0.0)
        asked = Deployment.objects.filter(pk__in=asked_at_once(service, made))
    assert asked.count() == PUSHES
    assert next(sent_away, None) is None  # all of them were sent away, and came again
    limit = limited(monkeypatch)
    with at_work():
        wait_for(lambda: not asked.filter(run__ended_at__isnull=True).exists(), "all pushes to end", 150)
    assert set(asked.values_list("run__state", flat=True)) == {"succeeded"}
    assert limit.throttled < 20 * PUSHES * 0.2  # of about twenty calls a push: a small part was thrown away
