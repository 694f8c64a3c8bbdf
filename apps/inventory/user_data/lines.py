"""Two texts side by side, line by line, with what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from apps.workflows.counting import many


@dataclass(frozen=True)
class Row:
    """A line of each text; the number is 0 where a text has none. `kind` is same, changed, added or removed."""

    kind: str
    before: str = ""
    after: str = ""
    before_number: int = 0
    after_number: int = 0


@dataclass(frozen=True)
class Count:
    """How many lines are only in the text after, and only in the one before."""

    added: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    @property
    def words(self) -> str:
        """As "2 lines come, 1 goes"."""
        come = f"{many(self.added, 'line')} {'comes' if self.added == 1 else 'come'}" if self.added else ""
        removed = str(self.removed) if come else many(self.removed, "line")
        go = f"{removed} {'goes' if self.removed == 1 else 'go'}" if self.removed else ""
        return ", ".join(filter(None, [come, go])) or "no line differs"


def side_by_side(before: str, after: str) -> tuple[Row, ...]:
    """Every line of both, in order; a line that was changed beside what it became."""
    return tuple(_rows(before.splitlines(), after.splitlines()))


def counted(before: str, after: str) -> Count:
    """How much differs."""
    rows = [row for row in side_by_side(before, after) if row.kind != "same"]
    return Count(sum(bool(row.after_number) for row in rows), sum(bool(row.before_number) for row in rows))


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    for tag, first, last, start, end in SequenceMatcher(None, old, new).get_opcodes():
        pairs = zip_longest(range(first, last), range(start, end))
        for before, after in pairs:
            yield _row(tag == "equal", old, new, before, after)


def _row(same: bool, old: Sequence[str], new: Sequence[str], before: int | None, after: int | None) -> Row:
    if before is None:
        return Row("added", after=new[after or 0], after_number=(after or 0) + 1)
    if after is None:
        return Row("removed", before=old[before], before_number=before + 1)
    return Row("same" if same else "changed", old[before], new[after], before + 1, after + 1)
