"""`deployconsole freezes list|create|end`: times in which nothing is changed but to go back."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, text
from apps.cli.options import json_option

ON, TO_COME = "on", "to-come"  # states, as the API's filter has them
MINUTES = len("2026-12-24T18:00")


@click.group()
def freezes() -> None:
    """Times in which pushes are refused; going back never is."""


@freezes.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@click.option("--env", "environment", help="Those that name this environment.")
@click.option("--app", "application", help="Those that name this application.")
@click.option("--cluster", help="Those that name this cluster.")
@json_option
def list_(
    everything: bool, environment: str | None, application: str | None, cluster: str | None, as_json: bool
) -> None:
    """List the freezes that are on or to come."""
    client = Client(configuration.load())
    query = {"environment": environment, "application": application, "cluster": cluster}
    states = (None,) if everything else (ON, TO_COME)
    found = [item for state in states for item in client.pages("freezes/", limit=None, state=state, **query)]
    if as_json:
        printing.as_json(found)
        return
    printing.table(
        ("ID", "STATE", "WHAT", "FROM", "UNTIL", "ZONE", "BY", "REASON"),
        [_row(item) for item in found],
        "Nothing is frozen, and nothing will be.",
        drop=("BY", "FROM"),
        wrap="REASON",
    )


@freezes.command()
@click.option("--until", "ends_at", required=True, metavar="TIME", help="As 2026-12-27T08:00, meant in --zone.")
@click.option("--from", "starts_at", metavar="TIME", help="As 2026-12-24T18:00, meant in --zone; now, if left out.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone, as Europe/Berlin.")
@click.option("--env", "environment", default="", help="Only this environment.")
@click.option("--app", "application", default="", help="Only this application.")
@click.option("--cluster", default="", help="Only clusters of this name.")
@click.option("--reason", required=True, help="Why; everybody who is refused reads it.")
@json_option
def create(as_json: bool, **members: str | None) -> None:
    """Freeze an environment, an application or a cluster; all of them where nothing is named."""
    made = Client(configuration.load()).post("freezes/", members)
    if as_json:
        printing.as_json(dict(made))
    else:
        click.echo(f"Freeze {text(made, 'id')}, {_state(made)}: {text(made, 'sentence')}")


@freezes.command()
@click.argument("freeze")
@click.option("--reason", required=True, help="Why it ends before its time.")
@json_option
def end(freeze: str, reason: str, as_json: bool) -> None:
    """End a FREEZE (its number) now, or call off one that has not begun."""
    ended = Client(configuration.load()).post(f"freezes/{freeze}/end/", {"reason": reason})
    if as_json:
        printing.as_json(dict(ended))
    else:
        click.echo(f"Freeze {text(ended, 'id')} is over.")


def _state(item: Document) -> str:
    return text(item, "state").replace("-", " ")


def _row(item: Document) -> tuple[str, ...]:
    named = [text(item, name) for name in ("cluster", "application", "environment")]
    return (
        text(item, "id"),
        _state(item),
        " ".join(name for name in named if name) or "everything",
        text(item, "starts_at_local")[:MINUTES],
        text(item, "ends_at_local")[:MINUTES],
        text(item, "zone"),
        text(item, "actor"),
        text(item, "reason"),
    )
