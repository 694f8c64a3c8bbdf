"""`deployconsole history`: what changed, by whom, and how it went."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, listed, text
from apps.cli.options import json_option, limit_option, place_options


@click.command()
@click.argument("cluster", required=False)
@click.option("--app", "application", help="What concerns this application.")
@place_options
@click.option("--kind", help="A kind of deployment, as push; or of anything else, as recipe. or recipe.changed.")
@click.option("--state", help="Deployments, bakes and promotions in this state; `active` are all that have not ended.")
@click.option("--image", help="What brought this AMI, took it away, made or promoted it.")
@click.option("--by", "actor", help="What this person did.")
@click.option("--hours", help="The last so many hours: 1, 3, 12, 24, 72 or 168.")
@click.option("--since", help="What ended after this moment, as 2026-11-29T08:00Z, or goes on.")
@click.option("--until", help="What began before this moment.")
@limit_option
@json_option
def history(limit: int, as_json: bool, **query: str | None) -> None:
    """Who changed what, newest first: of CLUSTER, or of all. Deployments, bakes, promotions, recipes and the like."""
    found = list(Client(configuration.load()).pages("changes/", limit=limit, **query))
    if as_json:
        printing.as_json(found)
        return
    printing.table(
        ("ID", "AGE", "KIND", "CLUSTER", "ENV", "REGION", "STATE", "BY", "WHAT"),
        [_row(item) for item in found],
        "Nobody changed anything of that kind.",
        drop=("REGION", "AGE", "BY", "ENV"),
        wrap="WHAT",
    )


def _row(item: Document) -> tuple[str, ...]:
    """The number is a deployment's: other commands take it."""
    return (
        text(item, "id") if text(item, "source") == "deployment" else "",
        printing.age(item, "at"),
        *(text(item, name) for name in ("kind", "cluster", "environment", "region", "state", "actor")),
        " ".join(
            filter(None, [f"{text(item, 'summary').rstrip('.')}.", text(item, "says"), *_changed(item), _why(item)])
        ),
    )


def _changed(item: Document) -> list[str]:
    """Each value that is another one now."""
    return [
        f"{text(each, 'name')}: {text(each, 'before') or 'none'} → {text(each, 'after') or 'none'}."
        for each in listed(item, "changed")
    ]


def _why(item: Document) -> str:
    reason = text(item, "reason")
    return f"“{reason}”" if reason else ""
