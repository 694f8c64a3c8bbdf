"""A template, and the user data that it makes for one group."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from apps.inventory.user_data.identity import EXPORTS, NAMES, PREFIX, TAGGED, Identity
from apps.inventory.user_data.language import Hole, holes, pieces

MOST_BYTES = 16_384  # of user data before it is encoded, by AWS
# a tag is not written by whoever wrote the template: what a shell would carry out stays out of it
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"'`$\\]")


class Unrenderable(ValueError):
    """No user data can be made. `problems` are sentences for whoever can mend the template."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class Template:
    """One version of an application's template, as plain values. Text and values may be secret: no repr shows them."""

    number: int
    text: str = field(repr=False)
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)  # by environment
    prefix: str = ""
    actor: str = ""
    reason: str = ""

    def render(self, identity: Identity) -> str:
        """The user data of a group. Raises Unrenderable."""
        own = self.variables.get(identity.environment, {})
        values = {**own, **identity.values, PREFIX: self.prefix}
        found = holes(self.text)
        problems = (*_unclosed(found), *self._unknown(found, values, identity), *_unsafe(found, values))
        if problems:
            raise Unrenderable(problems)
        made = "".join(self._filled(piece, values, own) for piece in pieces(self.text))
        if problem := _wrong(made):
            raise Unrenderable([problem])
        return made

    def exports(self, values: Mapping[str, str], own: Mapping[str, str]) -> Iterator[str]:
        """A line of shell for each variable: those that everybody knows with the prefix, then the own ones."""
        for name in NAMES:
            yield f"export {self.prefix}{name.upper()}={shlex.quote(values[name])}"
        for name in sorted(own):
            yield f"export {name}={shlex.quote(own[name])}"

    def _filled(self, piece: str | Hole, values: Mapping[str, str], own: Mapping[str, str]) -> str:
        if isinstance(piece, str):
            return piece
        if piece.name != EXPORTS:
            return values[piece.name]
        return f"\n{piece.indent}".join(self.exports(values, own))

    def _unknown(self, found: Iterable[Hole], values: Mapping[str, str], identity: Identity) -> Iterator[str]:
        unknown = [hole for hole in found if hole.closed and hole.name not in {*values, EXPORTS}]
        elsewhere = {name for own in self.variables.values() for name in own}
        for name in sorted({hole.name for hole in unknown} & elsewhere):
            yield f"{name} has no value in {identity.environment}."
        strange = [hole for hole in unknown if hole.name not in elsewhere]
        if strange:
            told = ", ".join(dict.fromkeys(f"${{{hole.name}}} in line {hole.line}" for hole in strange))
            listed = ", ".join([*NAMES, PREFIX, EXPORTS, *sorted(elsewhere)])
            yield (
                f"Not known: {told}. Known are {listed}. "
                f"Write $${{{strange[0].name}}} where the machine itself shall read it."
            )


def _unclosed(found: Iterable[Hole]) -> Iterator[str]:
    for hole in found:
        if not hole.closed:
            yield f"Line {hole.line}: ${{ has no }}. Write $${{ where the text itself shall hold it."


def _unsafe(found: Iterable[Hole], values: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({hole.name for hole in found} & TAGGED):
        if _UNSAFE.search(values[name]):
            yield f"The {name} that the AMI's tags tell holds quotes, $, a backslash or a control character."


def _wrong(made: str) -> str:
    size = len(made.encode())
    if size > MOST_BYTES:
        return f"It comes out as {size} bytes; AWS takes {MOST_BYTES} at most."
    return "" if made.strip() else "It comes out empty."
