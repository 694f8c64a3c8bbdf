"""Reading request bodies: JSON, strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError, ValidationError


class StrictJSONParser(parsers.BaseParser):
    """UTF-8 JSON. Names given twice, NaN, absurd nesting and text that no database stores are refused, not mended."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
            _refuse_unstorable(value)
            return value
        except UnicodeDecodeError as error:
            raise ParseError("The body is not UTF-8.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"given more than once: {', '.join(twice)}")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_unstorable(value: Any, path: str = "") -> None:
    """Raises ValidationError for NUL and lone surrogates, wherever they hide: PostgreSQL stores neither."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ValidationError({path or "non_field_errors": ["NUL and lone surrogates are not allowed."]})
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unstorable(item, _below(path, str(index)))
    elif isinstance(value, dict):
        for name, item in value.items():
            named = _below(path, name.replace("\0", "\\0").encode("ascii", "backslashreplace").decode())
            _refuse_unstorable(name, named)
            _refuse_unstorable(item, named)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
