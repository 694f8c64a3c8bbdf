"""A nudge costs little, and never anything but itself when the broker is gone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from celery import current_app

from apps.demo.embedded import Redis
from apps.workflows.models import Run
from apps.workflows.services.advance import due
from apps.workflows.services.nudge import send
from tests.workflows.conftest import begin


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Redis:
    """A broker of the test's own, that may be stopped."""
    server = Redis(tmp_path / "redis").start()
    for name in ("broker_write_url", "broker_url"):  # in this order: the first is read from the second where unset
        monkeypatch.setattr(current_app.conf, name, server.url.replace("unix://", "redis+socket://"))
    return server


def test_a_nudge_reaches_a_running_broker(broker: Redis) -> None:
    try:
        assert send("workflows.advance", 1)
    finally:
        broker.stop()


def test_a_kept_connection_to_a_broker_that_was_started_again_loses_no_nudge(broker: Redis) -> None:
    try:
        assert send("workflows.advance", 1)
        broker.stop()
        broker.start()
        assert send("workflows.advance", 1)
    finally:
        broker.stop()


def test_with_the_broker_gone_a_run_is_stored_and_found_by_the_sweep(broker: Redis, transactional_db: None) -> None:
    broker.stop()
    run = begin("a")
    assert Run.objects.filter(pk=run.pk).exists()
    assert due() == [run.pk]


def test_a_broker_that_hangs_holds_nobody_up(broker: Redis) -> None:
    assert broker._child is not None
    os.kill(broker._child.pid, signal.SIGSTOP)
    try:
        assert not send("workflows.advance", 1)  # it comes back while the broker hangs
    finally:
        os.kill(broker._child.pid, signal.SIGCONT)
        broker.stop()
