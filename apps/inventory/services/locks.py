"""One writer at a time for each environment and region, and one sync or round of refreshes at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection, transaction

from apps.inventory.models import Environment


@contextlib.contextmanager
def writing(environment: Environment, region: str) -> Iterator[None]:
    """A transaction that waits for other writers of the same environment and region. Make no AWS call within."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_name("write", environment, region)])
        yield


@contextlib.contextmanager
def alone(purpose: str, environment: Environment, region: str) -> Iterator[bool]:
    """True for the first, False for whoever comes while it goes on; ends with the connection at the latest."""
    name = _name(purpose, environment, region)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        row = cursor.fetchone()
        first = bool(row and row[0])
        try:
            yield first
        finally:
            if first:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _name(purpose: str, environment: Environment, region: str) -> str:
    return f"inventory {purpose} {environment.pk} {region}"
