"""`deployconsole webhooks list|create|revoke`: where build servers tell of builds; for administrators."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, text
from apps.cli.options import json_option


@click.group()
def webhooks() -> None:
    """Where build servers tell of an application's builds; for administrators."""


@webhooks.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the webhooks, also those that were revoked."""
    found = list(Client(configuration.load()).pages("webhooks/"))
    if as_json:
        printing.as_json(found)
        return
    heads = ("ID", "APP", "FORMAT", "STATE", "LAST USED", "DELIVERS TO")
    printing.table(heads, [_row(item) for item in found], "No webhook yet.", drop=("LAST USED",), wrap="DELIVERS TO")


@webhooks.command()
@click.argument("application")
@click.option("--format", "format_", required=True, help="generic, jenkins or github.")
@json_option
def create(application: str, format_: str, as_json: bool) -> None:
    """Make a webhook for builds of APPLICATION. Its secret is printed this once."""
    made = Client(configuration.load()).post("webhooks/", {"application": application, "format": format_})
    if as_json:
        printing.as_json(dict(made))
        return
    told = f"Webhook {text(made, 'id')} delivers to {text(made, 'receives_at')}. Its secret is not shown again:"
    printing.err.print(told, markup=False)
    click.echo(text(made, "secret"))


@webhooks.command()
@click.argument("webhook")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def revoke(webhook: str, yes: bool, as_json: bool) -> None:
    """End the WEBHOOK (its number) at once; nothing brings it back."""
    client = Client(configuration.load())
    found = client.get(f"webhooks/{webhook}/")
    if not yes:
        what = f"webhook {text(found, 'id')} ({text(found, 'format')}) of {text(found, 'application')}"
        click.confirm(f"Revoke {what}?", abort=True, err=True)
    client.delete(f"webhooks/{webhook}/")
    if as_json:
        printing.as_json({"id": found.get("id"), "application": found.get("application")})
    else:
        click.echo(f"Nothing that comes to webhook {text(found, 'id')} is taken any more.")


def _row(item: Document) -> tuple[str, ...]:
    return (
        *(text(item, name) for name in ("id", "application", "format")),
        "revoked" if text(item, "revoked_at") else "live",
        printing.age(item, "last_used_at") or "never",
        text(item, "receives_at"),
    )
