"""UPDATE … RETURNING: a change and the row as it is after it, in one statement. Django has only the first half."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import connections
from django.db.models import DateTimeField, Func, Model, QuerySet, Value
from django.db.models.sql import UpdateQuery

Row = TypeVar("Row", bound=Model)


def later(seconds: float) -> Func:
    """So many seconds from now, by the database's clock."""
    template = "STATEMENT_TIMESTAMP() + make_interval(secs => %(expressions)s)"
    return Func(Value(seconds), template=template, output_field=DateTimeField())


def update_returning(rows: QuerySet[Row], **changes: Any) -> list[tuple[Row, datetime]]:
    """Changes the rows of one table; answers each as it is now, with the time of the statement by the database."""
    query: Any = rows.query.chain(UpdateQuery)
    query.clear_ordering(force=True)
    query.add_update_values(changes)
    compiler: Any = query.get_compiler(rows.db)
    sql, params = compiler.as_sql()
    meta = rows.model._meta  # noqa: SLF001 -- Django's documented Model._meta
    columns = [field.get_col(meta.db_table) for field in meta.concrete_fields]
    names = ", ".join(f"{compiler.quote_name_unless_alias(field.column)}" for field in meta.concrete_fields)
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {names}, STATEMENT_TIMESTAMP()", params)
        found = cursor.fetchall()
    converters = compiler.get_converters(columns)
    values = compiler.apply_converters([row[:-1] for row in found], converters) if converters else found
    attributes = [field.attname for field in meta.concrete_fields]
    return [(rows.model.from_db(rows.db, attributes, row), old[-1]) for row, old in zip(values, found, strict=True)]
