"""The values that every page is made of, as the style sheet declares them: the style guide is derived from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings

_DECLARED = re.compile(r"^\s+--([a-z0-9-]+): ([^;]+);", re.MULTILINE)


@dataclass(frozen=True)
class Token:
    """A custom property of CSS: its name without the dashes, and its value as it is written."""

    name: str
    value: str


@dataclass(frozen=True)
class Tokens:
    """All of them, by what they are for."""

    colours: tuple[Token, ...]
    families: tuple[Token, ...]
    sizes: tuple[Token, ...]
    spaces: tuple[Token, ...]


@cache
def tokens() -> Tokens:
    """Those of tokens.css, in its order."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    found = [Token(name, value) for name, value in _DECLARED.findall(text)]
    kinds: dict[str, list[Token]] = {"colours": [], "families": [], "sizes": [], "spaces": []}
    for token in found:
        kinds[_kind(token)].append(token)
    return Tokens(**{kind: tuple(each) for kind, each in kinds.items()})


def _kind(token: Token) -> str:
    if token.value.startswith("light-dark("):
        return "colours"
    if "serif" in token.value or "monospace" in token.value:
        return "families"
    return "sizes" if token.name.startswith("text-") else "spaces"
