"""Emptying the database after a test that wrote for all to see: rows are deleted where there are any.

Django truncates every table, which takes 0.15 s however little is in them; this takes a hundredth of it. It then writes
anew which models and permissions there are, with some hundred statements; here they stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

_truncate = DatabaseOperations.sql_flush
# without the checks that keep a table from being emptied before those that refer to it, and without our own triggers
_UNCHECKED = "SET LOCAL session_replication_role = replica"
_KEPT = {"django_content_type", "auth_permission"}  # written when the tables are made, and changed by no test


def sql_flush(
    self: DatabaseOperations,
    style: Any,
    tables: Iterable[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> Sequence[str]:
    """Stands in for DatabaseOperations.sql_flush, as whose method it is called."""
    names = [name for name in tables if name not in _KEPT]
    if reset_sequences:
        return _truncate(self, style, list(tables), reset_sequences=True, allow_cascade=allow_cascade)
    return [_UNCHECKED, *(f"DELETE FROM {self.quote_name(name)}" for name in names)] if names else []  # noqa: S608 -- Django's own names


def write_nothing(*_args: Any, **_options: Any) -> None:
    """Stands in for what tells all applications after a flush that their tables are as if made anew."""
