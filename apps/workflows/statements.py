"""The engine's hot statements, by hand: Django has no UPDATE … RETURNING, and composes longer than PostgreSQL works.

A change and all that belongs to it is one statement: one trip to the database, and done wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Sql:
    """A piece of a statement, with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


NOW = Sql("STATEMENT_TIMESTAMP()")


def later(seconds: float) -> Sql:
    """So many seconds from now, by the database's clock."""
    return Sql("STATEMENT_TIMESTAMP() + make_interval(secs => %s)", (seconds,))


@dataclass(frozen=True)
class _Table:
    """What is known of a model's table; `columns` are in the order in which rows are read here."""

    name: str
    columns: str
    fields: Mapping[str, Field[Any, Any]]
    attributes: tuple[str, ...]
    read: tuple[tuple[int, Any], ...]  # places of values that a field makes of what the driver gives, and how


@cache
def _table(model: type[Model]) -> _Table:
    fields = {str(field.column): field for field in model._meta.concrete_fields}  # noqa: SLF001 -- documented _meta
    read = ((place, getattr(field, "from_db_value", None)) for place, field in enumerate(fields.values()))
    return _Table(
        name=model._meta.db_table,  # noqa: SLF001 -- as above
        columns=", ".join(fields),
        fields=fields,
        attributes=tuple(field.attname for field in fields.values()),
        read=tuple((place, how) for place, how in read if how),
    )


def select(model: type[Row], where: Sql) -> list[Row]:
    """The rows of a table for which a condition (and order) holds."""
    table = _table(model)
    found = _execute(f"SELECT {table.columns} FROM {table.name} WHERE {where.text}", where.params)  # noqa: S608 -- ours
    return [_row(model, values) for values in found]


def update(model: type[Row], where: Sql, beside: Iterable[Sql] = (), **changes: Any) -> list[tuple[Row, datetime]]:
    """Changes the rows of a table; answers each as it is now, with the time of the statement by the database.

    `beside` are other writes, each a named query (`name AS (…)`) that reads the rows `FROM changed`.
    """
    table, others = _table(model), tuple(beside)
    sets = [_set(table, column, value) for column, value in changes.items()]
    also = "".join(f", {other.text}" for other in others)
    text = (
        f"WITH changed AS (UPDATE {table.name} SET {', '.join(each.text for each in sets)} WHERE {where.text}"  # noqa: S608 -- ours
        f" RETURNING {table.columns}, STATEMENT_TIMESTAMP()){also} SELECT * FROM changed"
    )
    params = chain.from_iterable(each.params for each in (*sets, where, *others))
    return [(_row(model, values[:-1]), values[-1]) for values in _execute(text, tuple(params))]


def _execute(text: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return list(cursor.fetchall())


def _set(table: _Table, column: str, value: Any) -> Sql:
    if isinstance(value, Sql):
        return Sql(f"{column} = {value.text}", value.params)
    return Sql(f"{column} = %s", (table.fields[column].get_db_prep_save(value, connection),))


def _row(model: type[Row], found: tuple[Any, ...]) -> Row:
    table, values = _table(model), list(found)
    for place, read in table.read:
        values[place] = read(values[place], None, connection)
    return model.from_db("default", table.attributes, values)
