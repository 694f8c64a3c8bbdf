"""Pages and lists over 1,000 groups with 5,000 instances and ten times that, beside bare views over the same rows.

Each group was deployed to once: 1,000 and 10,000 deployments with their runs, steps and events. Pages are asked for in
process, without a web server and without CloudWatch: milliseconds a request, how many times its floor, asked in turn
with it, that is, and SQL statements. Last, pages a second by the web process as it is installed, from four clients at
once on the same machine.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks import goals
from benchmarks.pages_rows import PER_CLUSTER, REGION, application_of, cluster_name, fill

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 40
GROUPS = (1_000, 10_000)
CLIENTS, SECONDS = 4, 8.0


@dataclass(frozen=True)
class Goal:
    """At most so many times its floor, statements, and milliseconds at the median and the 95th percentile."""

    floors: float = 0.0
    statements: int = 0
    median: float = 0.0
    slow: float = 0.0


CLUSTER = Goal(floors=6, statements=12, median=65, slow=130)
INSTANCE = Goal(median=30)
REST = Goal(floors=4, median=30, slow=60)
PAGES_A_SECOND = 27
GROWTH = 1.5  # times as slow beside its floor, with ten times the rows


@dataclass(frozen=True)
class Timed:
    median: float  # milliseconds
    slow: float  # the 95th percentile
    floor: float  # the median of the floor, asked in turn with it: other work on the machine slows both
    statements: int
    size: int  # bytes

    @property
    def times(self) -> float:
        return self.median / self.floor


def timed(ask: Callable[[], Any], floor: Callable[[], Any]) -> Timed:
    """One request, asked again and again, in turn with its floor."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for each in (ask, floor):  # what is made once in a process's life
        each()
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    statements = len(queries)  # before further requests empty the log
    assert answer.status_code == 200, answer.content[:500]
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, each in zip(took, (ask, floor), strict=True):
            began = time.perf_counter()
            each()
            times.append(1000 * (time.perf_counter() - began))
    page, bare = took
    slow = statistics.quantiles(page, n=20)[-1]
    return Timed(statistics.median(page), slow, statistics.median(bare), statements, len(answer.content))


def pages(count: int) -> Iterator[tuple[str, str, str, Goal]]:
    """What is asked for of so many groups: its name, its path, its floor, and its goal."""
    from apps.deployments.models import Deployment
    from apps.inventory.models import Instance

    number = count // PER_CLUSTER // 2
    cluster = cluster_name(number)
    instance = Instance.objects.filter(group__name=f"{cluster}-v001").first()
    deployment = Deployment.objects.filter(cluster__name=cluster).first()
    assert instance is not None
    assert deployment is not None
    yield "cluster page", f"/clusters/bench/{REGION}/{cluster}/", "page", CLUSTER
    yield "group page", f"/groups/bench/{REGION}/{cluster}-v001/", "page", Goal()
    yield "instance page", f"/instances/bench/{REGION}/{instance.instance_id}/", "one", INSTANCE
    yield "deployment page", f"/deployments/{deployment.pk}/", "one", Goal()
    yield "home", "/", "page", Goal()
    yield "what changed", "/changes/", "page", Goal()
    yield "deployments", "/deployments/", "page", Goal()
    yield "deployments of a person", "/deployments/?actor=person7", "page", Goal()
    yield "AMIs", "/images/", "page", Goal()
    yield "application page", f"/applications/{application_of(number)}/", "page", Goal()
    yield "search, a cluster's name", f"/search/?q={cluster}", "page", Goal()
    yield "search, a piece of an id", f"/search/?q={instance.instance_id[6:]}", "page", Goal()
    yield "search, nothing found", "/search/?q=nowhere", "page", Goal()
    yield "REST list of 50 groups", "/api/v1/groups/", "rest", REST
    yield "REST list of 50 instances", "/api/v1/instances/", "rest", REST
    yield "REST list of 50 deployments", "/api/v1/deployments/", "rest", REST
    yield "REST, one cluster", f"/api/v1/clusters/bench/{REGION}/{cluster}/", "rest", Goal()


def measure(environment: dict[str, str]) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client, override_settings

    from apps.accounts.models import Role, User
    from apps.console.build import rates

    call_command("migrate", verbosity=0)
    rates.group_metrics = lambda *_: {}  # type: ignore[attr-defined]  # CloudWatch is asked beside the page, not here
    client, bare = Client(), Client()
    client.force_login(User.objects.create(username="bench", role=Role.VIEWER))
    with override_settings(MIDDLEWARE=["benchmarks.floor_pages.alone"]):
        bare.get("/page/")  # what surrounds its views is made now, and kept
    seen: dict[str, list[Timed]] = {}
    last = 0
    for count in GROUPS:
        began = time.monotonic()
        fill(last, count)
        last, filled = count, time.monotonic() - began
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"{count:,} groups, {5 * count:,} instances, {count:,} deployments, filled in {filled:.0f} s")
        for what, path, floor, goal in pages(count):
            found = timed(lambda path=path: client.get(path), lambda floor=floor: bare.get(f"/{floor}/"))
            seen.setdefault(what, []).append(found)
            _tell(f"{what} of {count:,}", what, found, goal)
    _growth(seen["cluster page"])
    session = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    with served(environment) as url:
        for what, path, _, _ in pages(GROUPS[-1]):
            if what in ("cluster page", "deployments", "REST list of 50 groups"):
                _throughput(what, f"{url}{path}", session)


def _tell(name: str, what: str, found: Timed, goal: Goal) -> None:
    aims = [
        goals.at_most(f"{name}, times its floor", found.times, goal.floors, "x") if goal.floors else "",
        goals.at_most(f"{name}, SQL", found.statements, goal.statements, "statements") if goal.statements else "",
        goals.at_most(f"{name}, median", found.median, goal.median, "ms") if goal.median else "",
        goals.at_most(f"{name}, p95", found.slow, goal.slow, "ms") if goal.slow else "",
    ]
    told = "".join(f"; {each}" for each in aims if each)
    print(
        f"  {what:27s} {found.median:6.1f} ms, p95 {found.slow:6.1f}, {found.times:4.1f} x {found.floor:.1f} ms, "
        f"{found.statements:2d} statements, {found.size / 1024:.0f} KiB{told}",
        flush=True,
    )


def _growth(of_cluster: list[Timed]) -> None:
    few, many = of_cluster
    times = many.times / few.times  # of the floor, which other work slows as well
    more = many.statements - few.statements
    print(
        f"cluster page with ten times the rows: {times:.2f} x as slow beside its floor, "
        f"{goals.at_most('cluster page with ten times the rows', times, GROWTH, 'x')}; {more} more statements, "
        f"{goals.at_most('cluster page with ten times the rows, more statements', more, 0)}"
    )


def _throughput(what: str, url: str, session: dict[str, str]) -> None:
    """Answers a second to four clients, each asking again as soon as it is answered."""
    answers = [0] * CLIENTS
    until = time.monotonic() + SECONDS

    def ask(number: int) -> None:
        with httpx.Client(cookies=session, timeout=30) as client:
            while time.monotonic() < until:
                assert client.get(url).status_code == 200
                answers[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(answers) / SECONDS
    goal = goals.at_least(f"{what}, {CLIENTS} clients", rate, PAGES_A_SECOND, "a second")
    print(f"{what}, {CLIENTS} clients: {rate:.0f} a second; {goal}", flush=True)


@contextlib.contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The web process, as gunicorn.conf.py has it; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gunicorn = [str(Path(sys.executable).parent / "gunicorn"), "benchmarks.pages_wsgi:application", "--preload"]
    command = [*gunicorn, "--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _answers(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def main() -> None:
    from apps.demo.embedded import Postgres

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        postgres = Postgres(Path(folder) / "pg")
        postgres.start()
        try:
            environment = {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_ACCESS_KEY_ID": "bench",
                "AWS_SECRET_ACCESS_KEY": "bench",
                "DATABASE_URL": postgres.create("bench"),
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "SECRET_KEY": "only-for-benchmarks-" + "x" * 50,
                "HTTPS": "0",
                "LOG_LEVEL": "ERROR",
                "PLAIN_STATIC": "1",
                "STATIC_ROOT": f"{folder}/static",  # the database has its sockets beside it
                "ALLOWED_HOSTS": "testserver,127.0.0.1",
                "DJANGO_SETTINGS_MODULE": "deployconsole.settings",
            }
            os.environ.update(environment)
            measure(environment)
        finally:
            postgres.stop()
    goals.end()


if __name__ == "__main__":
    main()
