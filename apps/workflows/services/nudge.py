"""Telling a worker to look at a run. A nudge may be lost or doubled: the sweep finds what is due in any case."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from functools import partial

from celery import current_app
from django.db import transaction
from kombu import Producer

log = logging.getLogger(__name__)

BOUND = 0.2  # seconds: nobody waits for the broker longer than this
TRANSPORT = {
    "socket_timeout": BOUND,
    "socket_connect_timeout": BOUND,
    "max_retries": 1,
    "interval_start": 0,
    "connect_retries_timeout": BOUND,
}


def send(task: str, *args: object) -> bool:
    """Sends a task by its name, once, waiting at most about 0.2 s; a failure is logged, never raised."""
    return _send(task, [args]) == 1


def send_all(task: str, run_ids: Iterable[int]) -> int:
    """Sends a task for each run over one connection, up to the first failure; answers how many were sent."""
    return _send(task, [(run_id,) for run_id in run_ids])


class _Kept(threading.local):
    """A thread's connection to a broker, by process and address: to open one takes longer than a step does."""

    producer: Producer | None = None
    of: tuple[int, str] | None = None


_kept = _Kept()


def _send(task: str, calls: Sequence[tuple[object, ...]]) -> int:
    sent = 0
    try:
        for args in calls:
            _publish(task, args)
            sent += 1
    except Exception as error:  # noqa: BLE001 -- whatever the broker's trouble is, the row is stored and will be found
        log.warning("no nudge for %s%r: %s", task, calls[sent:], error)
    return sent


def _publish(task: str, args: tuple[object, ...]) -> None:
    began, kept = time.monotonic(), _kept.producer
    try:
        current_app.send_task(task, args=args, producer=_producer(), retry=False, ignore_result=True)
    except Exception:
        _forget()
        if kept is None or time.monotonic() - began > BOUND:
            raise
        # the kept connection was to a broker that has gone since
        current_app.send_task(task, args=args, producer=_producer(), retry=False, ignore_result=True)


def _producer() -> Producer:
    wanted = (os.getpid(), current_app.conf.broker_write_url)
    if _kept.producer is None or _kept.of != wanted:
        connection = current_app.connection_for_write(transport_options=TRANSPORT)
        _kept.producer, _kept.of = current_app.amqp.Producer(connection, auto_declare=False), wanted
    return _kept.producer


def _forget() -> None:
    producer, _kept.producer = _kept.producer, None
    if producer is not None and producer.connection is not None:
        with contextlib.suppress(Exception):
            producer.connection.release()


def nudge(run_id: int) -> None:
    """Asks a worker to advance the run, once the present transaction is committed."""
    transaction.on_commit(partial(send, "workflows.advance", run_id))
