"""Links: every answer says where the thing itself, and what belongs to it, is found."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse


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
        return reverse(f"api:{self.view}", kwargs=values, request=self.context.get("request"))


class OptionalLink(Link):
    """Null when an attribute is: what is not there has no URL."""

    optional = True


def attribute(row: Any, path: str) -> Any:
    """The value at the end of a dotted path, None where something on the way is None."""
    for name in path.split("."):
        row = getattr(row, name) if row is not None else None
    return row
