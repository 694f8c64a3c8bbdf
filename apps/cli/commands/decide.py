"""`deployconsole decide` and `override`: what may be decided about a deployment, and deciding it."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.change import accepted, answered
from apps.cli.documents import Document, text
from apps.cli.options import json_option, watch_options


@click.command()
@click.argument("deployment")
@click.argument("choice", required=False)
@click.option("--reason", default="", help="Why; it stands in the history.")
@click.option("--dry-run", is_flag=True, help="Show what the choice would do; do nothing.")
@watch_options
@json_option
def decide(
    deployment: str,
    choice: str | None,
    reason: str,
    dry_run: bool,
    watch: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Carry out a CHOICE about a DEPLOYMENT (its number): retry, undo, stop or forward; without one, list them."""
    client = Client(configuration.load())
    if choice is None:
        _list(client, deployment, as_json)
        return
    answer = client.post(f"deployments/{deployment}/decide/", {"choice": choice, "reason": reason, "dry_run": dry_run})
    answered(client, answer, dry_run, watch, timeout, as_json)


@click.command("override")
@click.argument("deployment")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--reason", required=True, help="Why; it is recorded with your name.")
@watch_options
@json_option
def override(
    deployment: str, codes: tuple[str, ...], reason: str, watch: bool, timeout: float | None, as_json: bool
) -> None:
    """Let a DEPLOYMENT (its number) go on against the traffic guard: against what holds it now, or these CODEs."""
    client = Client(configuration.load())
    answer = client.post(f"deployments/{deployment}/override/", {"overrides": list(codes), "reason": reason})
    accepted(client, answer, watch, timeout, as_json)


def _list(client: Client, deployment: str, as_json: bool) -> None:
    found = list(client.pages(f"deployments/{deployment}/choices/"))
    if as_json:
        printing.as_json(found)
        return
    rows = [_row(item) for item in found]
    printing.table(("CHOICE", "NOW", "WHAT"), rows, "It has ended; there is nothing to decide.", wrap="WHAT")


def _row(item: Document) -> tuple[str, ...]:
    possible = item.get("possible") is True
    return text(item, "choice"), "yes" if possible else "no", text(item, "says") if possible else text(item, "why_not")
