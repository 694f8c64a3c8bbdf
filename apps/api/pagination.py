"""Lists come in pages by cursor: stable while rows are added, and as quick on page 1,000 as on page 1."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework import pagination
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

PAGE_SIZE = 50
LARGEST_PAGE = 200
CURSOR, SIZE, ORDERING = "cursor", "page_size", "ordering"
UNREADABLE = (ValueError, TypeError, IndexError, OverflowError, RecursionError, DjangoValidationError)


class CursorPagination(pagination.BasePagination):
    """Pages over `view.ordering`, or as `ordering` asks for: field names, each with `-` for descending, that together
    are unique and never NULL.

    A cursor holds a direction and the values of the row at the page's edge.
    """

    parameters = (CURSOR, SIZE)

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.ordering = _ordering(view, request.query_params)
        size = _page_size(request.query_params)
        cursor = request.query_params.get(CURSOR)
        backwards, edge = _decode(cursor, queryset, self.ordering) if cursor is not None else (False, None)
        order = [_turned(name) for name in self.ordering] if backwards else list(self.ordering)
        rows = list(_beyond(queryset, order, edge).order_by(*order)[: size + 1])
        more = len(rows) > size
        self.page = rows[:size][::-1] if backwards else rows[:size]
        self.has_next = more if not backwards else True
        self.has_previous = more if backwards else edge is not None
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "results": data,
                "next": self._link(self.page[-1], backwards=False) if self.page and self.has_next else None,
                "previous": self._link(self.page[0], backwards=True) if self.page and self.has_previous else None,
            }
        )

    def _link(self, row: Any, *, backwards: bool) -> str:
        values = [_value(row, name.lstrip("-")) for name in self.ordering]
        text = json.dumps([int(backwards), *values], default=str).encode()
        return replace_query_param(self.url, CURSOR, base64.urlsafe_b64encode(text).decode().rstrip("="))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        names = list(_orders(view))
        orders = {"type": "string", "enum": names}
        return [
            _parameter(CURSOR, {"type": "string"}, "Where the page begins: follow `next` and `previous`."),
            _parameter(SIZE, size, "How many results a page holds."),
            *([_parameter(ORDERING, orders, "By what it is sorted; descending with a minus.")] if names else []),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _orders(view: APIView | None) -> Mapping[str, Sequence[str]]:
    orders: Callable[[], Mapping[str, Sequence[str]]] = getattr(view, "orders", dict)
    return orders()


def _ordering(view: APIView | None, parameters: Mapping[str, str]) -> Sequence[str]:
    """As asked; as the view orders it where nothing is."""
    own: Sequence[str] = getattr(view, "ordering", ("-id",))
    return _orders(view).get(parameters.get(ORDERING, ""), own)


def _page_size(parameters: Mapping[str, str]) -> int:
    text = parameters.get(SIZE, str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE and len(text) < 9):
        raise ValidationError({SIZE: [f"Use a whole number from 1 to {LARGEST_PAGE}."]})
    return int(text)


def _decode(cursor: str, queryset: QuerySet[Any], ordering: Sequence[str]) -> tuple[bool, list[Any]]:
    try:
        backwards, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        edge = [_typed(queryset, name, value) for name, value in zip(ordering, values, strict=True)]
        return bool([False, True][backwards]), edge
    except UNREADABLE as error:
        message = "This cursor is not one of ours. Begin without it, then follow `next`."
        raise ValidationError({CURSOR: [message]}) from error


def _typed(queryset: QuerySet[Any], ordering: str, value: Any) -> Any:
    """The value as the type of the field, or of what the query adds to each row by that name."""
    name = ordering.lstrip("-")
    if isinstance(value, str) and "\0" in value.encode().decode():  # encode refuses lone surrogates
        raise ValueError("a NUL is in no value of ours")
    if value is None:
        raise ValueError("orderings hold no NULL")
    added: Any = queryset.query.annotations.get(name)
    return (added.output_field if added is not None else _field(queryset.model, name)).to_python(value)


def _field(model: type[Model], path: str) -> Any:
    """Follows `relation__field`."""
    name, _, rest = path.partition("__")
    field: Any = model._meta.get_field(name)  # noqa: SLF001  # Django's documented way to ask a model for its fields
    return _field(field.related_model, rest) if rest else field


def _beyond(queryset: QuerySet[Any], order: Sequence[str], edge: Sequence[Any] | None) -> QuerySet[Any]:
    """Rows after the edge in this order: (a > x) or (a = x and b > y) or ..."""
    if edge is None:
        return queryset
    after, same = Q(), Q()
    for name, value in zip(order, edge, strict=True):
        field, comparison = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        after |= same & Q(**{f"{field}__{comparison}": value})
        same &= Q(**{field: value})
    return queryset.filter(after)


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
