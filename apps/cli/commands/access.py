"""`deployconsole login`."""

from __future__ import annotations

import sys

import click

from apps.cli import printing
from apps.cli.client import Client
from apps.cli.configuration import Access, checked, store
from apps.cli.documents import text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import json_option


@click.command()
@click.argument("url")
@click.option("--token", help="An API token. Without it you are asked, so that it stays out of the shell's history.")
@json_option
def login(url: str, token: str | None, as_json: bool) -> None:
    """Store the URL of a console and an API token, after trying them.

    They are kept in $XDG_CONFIG_HOME/deployconsole (else ~/.config/deployconsole), readable by you only.
    DEPLOYCONSOLE_URL and DEPLOYCONSOLE_TOKEN in the environment win over them.
    """
    given = token or _asked()
    access = Access(checked(url), given.strip())
    me = Client(access).get("me/")
    path = store(access)
    if as_json:
        printing.as_json(me)
    else:
        click.echo(f"Signed in to {access.url} as {text(me, 'username')} ({text(me, 'role')}). Stored in {path}.")


def _asked() -> str:
    """The token that is typed, or comes on standard input. Raises CommandFailed where nothing comes."""
    if sys.stdin.isatty():
        return str(click.prompt("API token", hide_input=True))
    given = sys.stdin.readline()
    if not given.strip():
        raise CommandFailed(Exit.USAGE, "Give the token with --token, or on standard input.")
    return given
