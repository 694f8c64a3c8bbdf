"""Links: every answer says where the thing itself, and what belongs to it, is found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import quote

from django.urls import get_script_prefix, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ORIGIN = "origin"  # of the request, in a serializer's context: the same for every link of an answer
SAFE = "!$&'()*+,;=/~:@"  # what `reverse` leaves as it is
MARK = 900_000_000  # stands for an argument in a pattern: any converter takes a number


@extend_schema_field(OpenApiTypes.URI)
class Link(serializers.Field[Any, Any, str | None, Any]):
    """The URL of a view; each keyword names the view's argument and the attribute path it is read from."""

    optional = False

    def __init__(self, view: str, **arguments: str) -> None:
        super().__init__(source="*", read_only=True, allow_null=self.optional)
        self.view = view
        self.arguments = arguments

    def to_representation(self, row: Any) -> str | None:
        values = {name: attribute(row, path) for name, path in self.arguments.items()}
        if any(value in (None, "") for value in values.values()):
            return None
        return address(self.context, self.view, values)


class OptionalLink(Link):
    """Null when an attribute is: what is not there has no URL."""

    optional = True


def address(context: Mapping[str, Any], view: str, values: dict[str, Any]) -> str:
    """The URL of one of the API's views as `reverse` answers it, for the request in a serializer's context.

    `reverse` goes through all patterns each time, which took longer than the rest of a row.
    """
    kept = cast("dict[str, Any]", context)
    if ORIGIN not in kept:
        request = kept.get("request")
        kept[ORIGIN] = request.build_absolute_uri("/").removesuffix("/") if request else ""
    pattern = _pattern(view, tuple(values), get_script_prefix())
    path = pattern.format_map({name: quote(str(value), SAFE) for name, value in values.items()})
    return f"{kept[ORIGIN]}{path}"


@cache
def _pattern(view: str, names: tuple[str, ...], prefix: str) -> str:
    """The path of a view, with its arguments' names in braces; `prefix` is part of what it depends on."""
    marks = {name: MARK + number for number, name in enumerate(names)}
    path = reverse(f"api:{view}", kwargs=marks)
    for name, mark in marks.items():
        path = path.replace(str(mark), f"{{{name}}}")
    return path


def attribute(row: Any, path: str) -> Any:
    """The value at the end of a dotted path, None where something on the way is None."""
    for name in path.split("."):
        row = getattr(row, name) if row is not None else None
    return row
