"""The database's clock: workers on several machines compare times, and only one clock may say them."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def database_time() -> datetime:
    """Now, on the database's clock, also inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError("the database did not tell the time")
    now: datetime = row[0]
    return now
