"""Columns on a terminal, of whatever width: an id is never cut off, for people type it again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

GAP = 2  # cells between two columns
NARROWEST = 12  # cells of a column that wraps
Rows = Sequence[Sequence[str]]


def draw(heads: Sequence[str], rows: Rows, *, drop: Collection[str], wrap: str) -> None:
    """Leaves out empty columns, then those of `drop` one by one until the rest fits; `wrap` may take several lines.

    What still does not fit is left to the terminal, which breaks lines and loses nothing.
    """
    room = Console().width
    heads, rows = _fitting(heads, rows, drop, wrap, room)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold", show_edge=False)
    for head in heads:
        table.add_column(head, no_wrap=head != wrap, overflow="fold")
    for row in rows:
        table.add_row(*row)
    paper = Console(width=max(room, _needs(heads, rows, wrap)), highlight=False)
    paper.print(table, soft_wrap=True, markup=False)


def _fitting(
    heads: Sequence[str], rows: Rows, drop: Collection[str], wrap: str, room: int
) -> tuple[Sequence[str], Rows]:
    empty = [head for number, head in enumerate(heads) if not any(row[number] for row in rows)]
    heads, rows = _without(heads, rows, empty)
    for head in drop:
        if _needs(heads, rows, wrap) <= room:
            break
        heads, rows = _without(heads, rows, [head])
    return heads, rows


def _without(heads: Sequence[str], rows: Rows, left_out: Collection[str]) -> tuple[Sequence[str], Rows]:
    kept = [number for number, head in enumerate(heads) if head not in left_out]
    return [heads[number] for number in kept], [[row[number] for number in kept] for row in rows]


def _needs(heads: Sequence[str], rows: Rows, wrap: str) -> int:
    """How many cells the columns take side by side, the wrapping one at its narrowest."""
    widths = [
        max(cell_len(head), *(cell_len(row[number]) for row in rows)) if head != wrap else NARROWEST
        for number, head in enumerate(heads)
    ]
    return sum(widths) + GAP * (len(widths) - 1)
