"""What goes to the terminal: tables for people, JSON for scripts. Colour only on a terminal, and never alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from apps.cli.documents import Document, moment

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)


def as_json(content: object) -> None:
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """Columns for a terminal; the same separated by tabs, without heads, when piped. `empty` says what no row means."""
    given = list(rows)
    if not given:
        err.print(empty, markup=False)
    elif out.is_terminal:
        drawn = Table(*heads, box=None, pad_edge=False, header_style="bold", show_edge=False)
        for row in given:
            drawn.add_row(*map(str, row))
        Console(highlight=False).print(drawn)
    else:
        for row in given:
            click.echo("\t".join(row))


def age(document: Document, name: str) -> str:
    """How long ago the member was: "3 min"; empty when it is not known."""
    then = moment(document, name)
    return duration((datetime.now(UTC) - then).total_seconds()) if then else ""


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
