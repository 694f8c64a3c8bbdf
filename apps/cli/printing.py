"""What goes to the terminal: tables for people, JSON for scripts. Colour only on a terminal, and never alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click
from rich.console import Console

from apps.cli.documents import Document, moment
from apps.cli.table import draw

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)


def as_json(content: object) -> None:
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], empty: str, *, drop: Sequence[str] = (), wrap: str = ""
) -> None:
    """Columns for a terminal; the same separated by tabs, without heads, when piped. `empty` says what no row means.

    On a terminal too narrow for all, the columns of `drop` are left out, the first one first.
    """
    given = [[str(cell) for cell in row] for row in rows]
    if not given:
        err.print(empty, markup=False)
    elif out.is_terminal:
        draw(heads, given, drop=drop, wrap=wrap)
    else:
        for row in given:
            click.echo("\t".join(row))


def age(document: Document, name: str) -> str:
    """How long ago the member was, in its largest unit: "3 min"; empty when it is not known."""
    then = moment(document, name)
    return " ".join(duration((datetime.now(UTC) - then).total_seconds()).split()[:2]) if then else ""


def duration(seconds: float) -> str:
    """ "1.2 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for large, small, names in ((86400, 3600, ("d", "h")), (3600, 60, ("h", "min")), (60, 1, ("min", "s"))):
        if whole >= large:
            rest = whole % large // small
            return f"{whole // large} {names[0]}" + (f" {rest} {names[1]}" if rest else "")
    return f"{whole} s"
