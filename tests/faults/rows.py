"""All rows of the database as they were at a moment, in a schema beside it; they are few, and quickly brought back."""

from __future__ import annotations

from django.db import connection

_EMPTY = 'DELETE FROM public."{table}"'
_FILL = 'INSERT INTO public."{table}" SELECT * FROM {moment}."{table}"'
_KEEP = 'CREATE TABLE {moment}."{table}" AS TABLE public."{table}"'
_HOLDS_ROWS = 'SELECT EXISTS (SELECT FROM public."{table}")'


def keep(moment: str) -> None:
    """From now on `restore` leads back to here."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {moment} CASCADE; CREATE SCHEMA {moment}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(_HOLDS_ROWS.format(table=table))
            if cursor.fetchone()[0]:
                cursor.execute(_KEEP.format(table=table, moment=moment))


def restore(moment: str) -> None:
    """Ids go on: what is made next has none that was ever used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [moment])
        kept = sorted(table for (table,) in cursor.fetchall())
        changes = [_EMPTY.format(table=table) for table in connection.introspection.table_names(cursor)]
        changes += [_FILL.format(table=table, moment=moment) for table in kept]
        # as a replica: no trigger objects, be it of foreign keys or of what must not be deleted
        as_replica = ["SET LOCAL session_replication_role = replica", *changes]
        cursor.execute(f"BEGIN; {'; '.join(as_replica)}; COMMIT")
