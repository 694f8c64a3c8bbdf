"""`deployconsole tokens list|create|revoke`: what lets scripts in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, moment, text
from apps.cli.options import json_option


@click.group()
def tokens() -> None:
    """API tokens: your own, or everybody's if you are an administrator."""


@tokens.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the tokens, also those that open nothing any more."""
    found = list(Client(configuration.load()).pages("tokens/"))
    if as_json:
        printing.as_json(found)
        return
    heads = ("ID", "NAME", "USER", "STATE", "LAST USED")
    printing.table(heads, [_row(item) for item in found], "No token yet.", drop=("LAST USED", "USER"))


@tokens.command()
@click.argument("name")
@click.option("--days", type=click.IntRange(min=1), default=90, show_default=True, help="How long it opens the door.")
@click.option("--for-ever", is_flag=True, help="It lives until it is revoked.")
@json_option
def create(name: str, days: int, for_ever: bool, as_json: bool) -> None:
    """Make a token that acts for you, to be known by NAME. Its text is printed this once."""
    until = None if for_ever else (datetime.now(UTC) + timedelta(days=days)).isoformat()
    made = Client(configuration.load()).post("tokens/", {"name": name, "expires_at": until})
    if as_json:
        printing.as_json(dict(made))
        return
    printing.err.print(f"Token {text(made, 'id')}, {_state(made)}. It is not shown again:", markup=False)
    click.echo(text(made, "token"))


@tokens.command()
@click.argument("token")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def revoke(token: str, yes: bool, as_json: bool) -> None:
    """End the TOKEN (its number) at once; nothing brings it back."""
    client = Client(configuration.load())
    found = client.get(f"tokens/{token}/")
    if not yes:
        click.confirm(f"Revoke {text(found, 'name')} of {text(found, 'user')}?", abort=True, err=True)
    client.delete(f"tokens/{token}/")
    if as_json:
        printing.as_json({"id": found.get("id"), "name": found.get("name")})
    else:
        click.echo(f"{text(found, 'name')} opens nothing any more.")


def _state(token: Document) -> str:
    until = moment(token, "expires_at")
    if text(token, "revoked_at"):
        return "revoked"
    if until is None:
        return "live"
    return "expired" if until <= datetime.now(UTC) else f"live until {until:%Y-%m-%d}"


def _row(item: Document) -> tuple[str, ...]:
    return (
        text(item, "id"),
        text(item, "name"),
        text(item, "user"),
        _state(item),
        printing.age(item, "last_used_at") or "never",
    )
