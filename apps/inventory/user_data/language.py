"""The language of a template: `${name}` is a placeholder, `$$` a dollar, and all else, a lone `$` too, stands as it is.

What a placeholder is replaced by is never read again, so a value may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[^}\n]*)(?P<closed>\}?))")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")  # of a variable


@dataclass(frozen=True)
class Hole:
    """A placeholder. `indent` are the blanks before it where nothing else is; `closed`: it has its `}`."""

    name: str
    line: int
    indent: str
    closed: bool


def pieces(text: str) -> Iterator[str | Hole]:
    """The text in its order: what stands as it is, and placeholders."""
    at = 0
    for mark in _MARK.finditer(text):
        yield text[at : mark.start()]
        at = mark.end()
        yield "$" if mark["dollar"] else _hole(text, mark)
    yield text[at:]


def holes(text: str) -> tuple[Hole, ...]:
    """The placeholders of a text, in their order."""
    return tuple(piece for piece in pieces(text) if isinstance(piece, Hole))


def escaped(text: str) -> str:
    """The template that comes out as this text."""
    return text.replace("$", "$$")


def _hole(text: str, mark: re.Match[str]) -> Hole:
    before = text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()]
    line = text.count("\n", 0, mark.start()) + 1
    return Hole(mark["name"], line, before if not before.strip() else "", bool(mark["closed"]))
