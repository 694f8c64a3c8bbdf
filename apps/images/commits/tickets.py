"""Tickets named in commit messages, by the pattern of a recipe; and what is wrong with such a pattern.

Python's regular expressions go back and forth without end on some patterns. So a pattern is refused that repeats a
group or looks around, a ticket is looked for in one word at a time, and all of it takes no longer than `LONGEST_LOOK`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import quote

from apps.images.addresses import names_somebody

LONGEST_PATTERN = 100  # characters
LONGEST_WORD = 64  # characters; no ticket's id is longer
LONGEST_MESSAGE = 4000  # characters of it that are looked at
MOST_REPEATS = 3
LONGEST_LOOK = 1.0  # seconds, for all messages of an answer
PLACE = "{ticket}"

ESCAPED, CLASS = re.compile(r"\\."), re.compile(r"\[\^?\]?[^\]]*\]")
REPEAT = re.compile(r"[*+]|\{\d*,\d*\}|\{\d{3,}\}")


def wrong_pattern(pattern: str) -> str:
    """What is wrong with a pattern, in a sentence; empty for a good one, and for none."""
    if not pattern:
        return ""
    if len(pattern) > LONGEST_PATTERN:
        return f"A pattern has at most {LONGEST_PATTERN} characters; this one has {len(pattern)}."
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"This is no regular expression: {error}. For Jira use [A-Z]+-[0-9]+"
    if compiled.match("") or compiled.search(" "):
        return "It finds what is no ticket: nothing at all, or a space."
    return _wrong_shape(pattern)


def _wrong_shape(pattern: str) -> str:
    """Whether it could take very long, or finds nothing since ids hold no space."""
    if re.search(r"\\[1-9]", pattern):
        return r"It may not refer back to a group, as \1 does."
    bare = CLASS.sub("x", ESCAPED.sub("x", pattern))
    if re.search(r"\s", bare):
        return "A ticket's id has no space in it."
    if re.search(r"\(\?(?!:)", bare):
        return "It may not look around or name groups: of what begins with (? only (?: is known here."
    if re.search(r"\)[*+{]", bare):
        return "It may not repeat a group: repeat single characters or classes, as [A-Z]+."
    if len(REPEAT.findall(bare)) > MOST_REPEATS:
        return f"It may hold {MOST_REPEATS} repetitions (* or +) at most."
    return ""


def wrong_address(address: str) -> str:
    """What is wrong with the address of a ticket, in a sentence; empty for a good one, and for none."""
    if names_somebody(address):
        return "Leave user name and password out: a recipe is shown to everybody."
    if not address or (address.startswith(("https://", "http://")) and PLACE in address):
        return ""
    return f"An address begins with https:// and holds {PLACE}, as https://jira.example.com/browse/{PLACE}."


def address_of(ticket: str, template: str) -> str:
    """Where a ticket is found; empty where the recipe has no good address."""
    return "" if not template or wrong_address(template) else template.replace(PLACE, quote(ticket, safe=""))


class Finder:
    """Finds the tickets of messages; `late` once it took too long and looks no more."""

    def __init__(self, pattern: str) -> None:
        self._compiled = re.compile(pattern) if pattern and not wrong_pattern(pattern) else None
        self._until = time.monotonic() + LONGEST_LOOK
        self.late = False

    def tickets(self, message: str) -> tuple[str, ...]:
        """The tickets that a message names, each once, in its order."""
        return tuple(dict.fromkeys(self._found(message))) if self._compiled else ()

    def _found(self, message: str) -> Iterator[str]:
        assert self._compiled  # noqa: S101  # see tickets()
        for word in message[:LONGEST_MESSAGE].split():
            self.late = self.late or time.monotonic() > self._until
            if self.late:
                return
            yield from (found[0] for found in self._compiled.finditer(word[:LONGEST_WORD]))
