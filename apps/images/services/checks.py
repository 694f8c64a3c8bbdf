"""Checks of what CI sends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit


def too_long(told: object, longest: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The attributes that have more characters than they may."""
    for name, most in longest.items():
        if len(getattr(told, name)) > most:
            yield name, f"{most} characters at most."


def is_link(text: str) -> bool:
    """Whether a browser may be sent there: a page makes a link of it, which must not be a script."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not re.search(r"\s", text)
