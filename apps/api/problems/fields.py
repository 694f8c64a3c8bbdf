"""Which field is wrong, whatever it is nested in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flatten(detail: Any, field: str = "") -> list[dict[str, str]]:
    """Nested validation messages as a flat list of `{field, detail}`; inner names are joined by a dot."""
    if isinstance(detail, Mapping):
        pairs = ((_join(field, str(key)), value) for key, value in detail.items())
        return [error for name, value in pairs for error in flatten(value, name)]
    if isinstance(detail, list):
        nested = [isinstance(item, (Mapping, list)) for item in detail]
        named = (
            (_join(field, str(index)) if deep else field, item)
            for index, (deep, item) in enumerate(zip(nested, detail, strict=True))
        )
        return [error for name, item in named for error in flatten(item, name)]
    return [{"field": field, "detail": str(detail)}]


def _join(field: str, name: str) -> str:
    if name == "non_field_errors":
        return field
    return f"{field}.{name}" if field else name
