"""Faults of our own parts while a run goes on: what is struck, and put back when the run has ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import redis
from django.db import connection

from tests.faults.stage import ROOT, Stage
from tests.world import wait_for

PUSHING, RETURNING = "3.wait-healthy", "2.give-traffic"  # the steps of a push and of a rollback where they strike
AWAY = 30.0  # seconds
SKEW = 180.0  # seconds; AWS refuses requests that are more than five minutes off

Part = Callable[[Stage], AbstractContextManager[None]]


@contextlib.contextmanager
def redis_flushed(stage: Stage) -> Iterator[None]:
    """All messages are lost."""
    redis.Redis.from_url(stage.redis.url).flushall()
    yield


@contextlib.contextmanager
def redis_gone(stage: Stage) -> Iterator[None]:
    """The broker is away for half a minute."""
    stage.redis.stop()
    try:
        time.sleep(AWAY)
    finally:
        stage.redis.start()
    yield


@contextlib.contextmanager
def postgres_restarted(stage: Stage) -> Iterator[None]:
    """The database ends all connections, and comes back."""
    connection.close()
    stage.postgres.stop()
    stage.postgres.start()
    yield


@contextlib.contextmanager
def web_restarted(stage: Stage) -> Iterator[None]:
    """The web process is killed, and a new one takes its place."""
    with stage.web() as url:
        wait_for(lambda: _ready(url), "the web process to answer")
    assert not _ready(url), "it was killed, and answers"
    with stage.web() as url:
        wait_for(lambda: _ready(url), "the new web process to answer")
        yield


def _ready(url: str) -> bool:
    """Whether the web process answers, and reaches its database."""
    try:
        asked = urllib.request.Request(f"{url}healthz/ready/", headers={"Host": "localhost"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def clock_off(stage: Stage) -> Iterator[None]:
    """One worker's clock is minutes ahead from now on."""
    with _replaced(stage, 1, ROOT, sys.executable, "-m", "tests.faults.skewed", str(SKEW)):
        yield


@contextlib.contextmanager
def two_schedulers(stage: Stage) -> Iterator[None]:
    """A second scheduler wakes the same runs."""
    second = stage.beat()
    try:
        yield
    finally:
        second.kill()
        second.wait()


@contextlib.contextmanager
def code_updated(stage: Stage) -> Iterator[None]:
    """The workers are replaced by those of another release: its steps take a parameter that this run's plan lacks."""
    tree = stage.folder / "release"
    for name in ("apps", "deployconsole", "templates", "static", "manage.py"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    _change(tree / "apps/deployments/strategies/parts.py", '        f"Take traffic from {group.name}",', "Take", "Draw")
    _change(
        tree / "apps/deployments/steps/traffic.py",
        'name, stays, need = context.params["group"], context.params["stays"], context.facts.get("load", 1)',
        "],",
        '] or context.params.get("x"),',
    )
    with _replaced(stage, len(stage.workers), tree):
        yield


def _change(path: Path, line: str, before: str, after: str) -> None:
    """Changes one line of a file. Raises AssertionError when it is no longer there."""
    text = path.read_text()
    assert line in text, f"{path} no longer says {line}"
    path.write_text(text.replace(line, line.replace(before, after, 1)))


@contextlib.contextmanager
def _replaced(stage: Stage, count: int, cwd: Path, *before: str) -> Iterator[None]:
    """Other workers take the place of so many of those there are, and give it back."""
    former = list(stage.workers[:count])
    for number, worker in enumerate(former):
        worker.end()
        stage.workers[number] = stage.worker(number, _imports(worker.environment, cwd), cwd, *before)
        stage.workers[number].start()
    try:
        yield
    finally:
        for number, worker in enumerate(former):
            stage.workers[number].end()
            stage.workers[number] = worker
            worker.start()


def _imports(environment: Mapping[str, str], cwd: Path) -> Mapping[str, str]:
    return {**environment, "PYTHONPATH": os.pathsep.join([str(cwd), str(ROOT)])}


PARTS: dict[str, Part] = {
    "redis-flushed": redis_flushed,
    "redis-gone": redis_gone,
    "postgres-restarted": postgres_restarted,
    "web-restarted": web_restarted,
    "clock-off": clock_off,
    "two-schedulers": two_schedulers,
    "code-updated": code_updated,
}
