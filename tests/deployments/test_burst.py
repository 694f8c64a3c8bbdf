"""Fifty pushes at once in one account, where AWS takes fewer calls than they would make: none fails, none starves."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from apps.cloud.aws import buckets, pace, polls, session
from apps.cloud.aws.buckets import Bucket
from apps.cloud.errors import Throttled
from apps.deployments import gather, services
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.deployments.services.start import Asked, last_of, start
from apps.deployments.strategies.red_black import Options, plan
from apps.inventory.models import Cluster
from apps.workflows.services import advance
from apps.workflows.services.advance import due
from tests.deployments.lite import cloud, service
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

PUSHES, WORKERS = 50, 3
ASKED = 8  # at once
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


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """We believe that AWS takes four times as much as it does."""
    made = Limit(session._send)
    monkeypatch.setattr(pace, "_rates", pace.Rates(4 * TAKEN, 4 * TAKEN))
    monkeypatch.setattr(polls, "_fresh_for", 0.8)
    monkeypatch.setattr(session, "_send", made.send)
    return made


@pytest.fixture(autouse=True)
def guarded() -> None:
    """Whether the guard is asked is watched elsewhere, where one worker acts at a time."""


def fleet(service: Service) -> list[Deployment]:
    """As many clusters beside the one there is, all behind one target group, each with a push that has just begun."""
    seen = gather.situation(Cluster.objects.get(), image=service.images["1.1.0"])
    model, started = seen.groups[0], []
    for cluster in clusters(service, Cluster.objects.get(), PUSHES):
        name = cluster.name
        group = replace(model, name=f"{name}-v000", desired=1, members=model.members[:1])
        there = replace(seen, cluster=name, groups=(group,), serving=(group.name,), token=name)
        preview = plan(there, Options())
        assert preview.refusals == ()
        started.append(start(Asked(Deployment.Kind.PUSH, cluster, "ann", ""), preview, last_of(cluster)))
    return started


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


def work(over: threading.Event) -> None:
    """A worker without a broker: it looks for what is due, as the sweep does."""
    while not over.is_set():
        for run in due():
            advance(run)
        time.sleep(0.05)
    connection.close()


def test_fifty_pushes_that_aws_throttles_slow_down_together_and_all_succeed(service: Service, limit: Limit) -> None:
    started = [deployment.pk for deployment in fleet(service)]
    over = threading.Event()
    threads = [threading.Thread(target=work, args=(over,)) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        going_on = Deployment.objects.filter(pk__in=started, run__ended_at__isnull=True)
        wait_for(lambda: not going_on.exists(), "all pushes to end", 150)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    ended = Deployment.objects.filter(pk__in=started).values_list("run__state", flat=True)
    assert set(ended) == {"succeeded"}
    assert limit.throttled < 20 * PUSHES * 0.2  # of about twenty calls a push: a small part was thrown away


def test_pushes_asked_for_at_once_wait_for_the_reads_that_plan_them_instead_of_being_refused(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, sent_away = Cluster.objects.get(), iter(range(4 * ASKED))
    take = buckets.take

    def taken(bucket: Bucket, patience: float) -> float:
        """The first calls find the bucket empty, however slowly they come."""
        return take(bucket, patience) if next(sent_away, None) is None else -patience - 0.2

    clusters(service, known, ASKED)
    monkeypatch.setattr(buckets, "take", taken)
    monkeypatch.setattr(polls, "_fresh_for", 0.0)
    together = threading.Barrier(ASKED)

    def ask(number: int) -> str:
        together.wait()
        try:
            wanted = PushRequest("prod", known.region, f"api-burst{number}", service.images["1.1.0"])
            return services.push(wanted, actor="ann").run.state
        finally:
            connection.close()

    with ThreadPoolExecutor(ASKED) as pool:
        assert set(pool.map(ask, range(ASKED))) <= {"queued", "running", "waiting"}
    assert next(sent_away, None) is None  # all of them were sent away, and came again
