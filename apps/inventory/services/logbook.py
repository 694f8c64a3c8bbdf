"""Keeps, for each kind of resource, when its last region-wide read began, how it ended and what it found."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from apps.cloud.errors import CloudError
from apps.inventory.models import Environment, SyncState
from apps.inventory.services.clock import database_time
from apps.inventory.services.locks import alone

logger = logging.getLogger(__name__)

SELDOM = 5  # rounds between two reads of what changes seldom
INTERRUPTED = "The sync ended before this was read."
_WRITTEN = ["started_at", "finished_at", "succeeded_at", "error", "seconds", "resources", "written"]


@dataclass
class Entry:
    """One kind's read in this sync: failed when anybody set `error`, or when `done` was never reached."""

    kind: str
    began: datetime
    seconds: float = 0.0
    error: str = ""
    ended: bool = False
    resources: int = 0
    written: int = 0

    def done(self, resources: int, written: int) -> None:
        """Adds what was found and how many rows changed for it."""
        self.ended = True
        self.resources += resources
        self.written += written


class Logbook:
    """The entries of one sync of one region; written to the table by `close`."""

    def __init__(self, environment: Environment, region: str) -> None:
        self.environment = environment
        self.region = region
        self.entries: list[Entry] = []
        rows = SyncState.objects.filter(environment=environment, region=region)
        self._before = {row.kind: row for row in rows}

    def due(self, kind: str, now: datetime) -> bool:
        """Whether a kind that changes seldom is to be read again: after some rounds, or when the last read failed."""
        before = self._before.get(kind)
        if before is None or before.error or before.succeeded_at is None:
            return True
        return now - before.succeeded_at >= timedelta(seconds=SELDOM * settings.SYNC_SECONDS)

    @contextlib.contextmanager
    def entry(self, kind: str) -> Iterator[Entry]:
        """Times a read and keeps a CloudError as its outcome, so that the other kinds go on."""
        entry = Entry(kind, database_time())
        self.entries.append(entry)
        started = time.monotonic()
        try:
            yield entry
        except CloudError as error:
            entry.error = str(error) or type(error).__name__
            logger.warning("%s of %s %s not read: %s", kind, self.environment.name, self.region, error)
        finally:
            entry.seconds += time.monotonic() - started

    def close(self) -> None:
        """Writes one row a kind that was read."""
        finished = database_time()
        SyncState.objects.bulk_create(
            [self._row(entry, finished) for entry in self.entries],
            update_conflicts=True,
            unique_fields=["environment", "region", "kind"],
            update_fields=_WRITTEN,
        )

    def _row(self, entry: Entry, finished: datetime) -> SyncState:
        before = self._before.get(entry.kind)
        error = entry.error or ("" if entry.ended else INTERRUPTED)
        row = SyncState(
            environment=self.environment,
            region=self.region,
            kind=entry.kind,
            started_at=entry.began,
            finished_at=finished,
            error=error,
            seconds=entry.seconds,
        )
        if error:
            row.succeeded_at = before.succeeded_at if before else None
            row.resources = before.resources if before else 0
            row.written = before.written if before else 0
        else:
            row.succeeded_at, row.resources, row.written = entry.began, entry.resources, entry.written
        return row


@contextlib.contextmanager
def kept_alone(purpose: str, environment: Environment, region: str) -> Iterator[Logbook | None]:
    """The logbook of a read of one region, written at its end; None for whoever comes while another one goes on."""
    with alone(purpose, environment, region) as first:
        if not first:
            yield None
            return
        book = Logbook(environment, region)
        try:
            yield book
        finally:
            book.close()
