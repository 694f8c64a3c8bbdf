"""Telling a worker to look at a run. A nudge may be lost or doubled: the sweep finds what is due in any case."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial

from celery import current_app
from django.db import transaction

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


def _send(task: str, calls: Sequence[tuple[object, ...]]) -> int:
    sent = 0
    try:
        with current_app.connection_for_write(transport_options=TRANSPORT) as connection:
            for args in calls:
                current_app.send_task(task, args=args, connection=connection, retry=False, ignore_result=True)
                sent += 1
    except Exception as error:  # noqa: BLE001 -- whatever the broker's trouble is, the row is stored and will be found
        log.warning("no nudge for %s%r: %s", task, calls[sent:], error)
    return sent


def nudge(run_id: int) -> None:
    """Asks a worker to advance the run, once the present transaction is committed."""
    transaction.on_commit(partial(send, "workflows.advance", run_id))
