"""Processes die in the middle of a push; it goes on by itself and ends well, and nothing happens twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import redis

from tests.acceptance.console import Console, Sample
from tests.demo.running import Demo, until
from tests.load import LoadClient

Fault = Callable[[Demo], None]


def worker_killed(demo: Demo) -> None:
    for pid in demo.pids("celery", "worker"):
        os.kill(pid, signal.SIGKILL)


def web_killed(demo: Demo) -> None:
    for pid in demo.pids("gunicorn"):
        os.kill(pid, signal.SIGKILL)


def broker_flushed(demo: Demo) -> None:
    redis.Redis(unix_socket_path=broker(demo)).flushall()


def broker(demo: Demo) -> str:
    """The path of the demo's Redis socket, read off the server's command line."""
    [pid] = demo.pids("--unixsocket") or demo.pids("unixsocket:")
    parts = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ").split()
    return next(part.removeprefix("unixsocket:") for part in parts if part.endswith(".sock"))


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (worker_killed, "create-group"),
        (worker_killed, "wait-healthy"),
        (worker_killed, "take-traffic"),
        (web_killed, "wait-healthy"),
        (broker_flushed, "take-traffic"),
    ],
)
def test_a_push_survives(fault: Fault, step: str, console: Console, demo: Demo, sample: Sample) -> None:
    before = {group["name"] for group in console.groups(sample)}
    client = LoadClient(sample.url, rate=50)
    client.start()
    try:
        number = console.push(sample)["id"]
        console.reaches(number, step)
        fault(demo)
        until(lambda: answers(console), 60)
        ended = console.ended(number)
    finally:
        result = client.stop()
    assert ended["state"] == "succeeded", ended["outcome"]
    assert not result.failures, result.failures[:5]
    created = {group["name"] for group in console.groups(sample)} - before
    assert created == {ended["to_group"]}
    assert [each["attempts"] for each in ended["steps"]] == [1] * len(ended["steps"])


def answers(console: Console) -> bool:
    try:
        return console.http.get("me/").status_code == 200
    except httpx.TransportError:
        return False


def test_with_redis_stopped_a_push_is_accepted_nonetheless_and_runs_once_redis_is_back(
    console: Console, demo: Demo, sample: Sample
) -> None:
    [pid] = demo.pids("--unixsocket") or demo.pids("unixsocket:")
    os.kill(pid, signal.SIGSTOP)
    try:
        started = console.push(sample)
        assert console.deployment(started["id"])["state"] == "queued"
    finally:
        os.kill(pid, signal.SIGCONT)
    assert console.ended(started["id"])["state"] == "succeeded"
