"""`deployconsole unlock`: break-glass, for a cluster whose change does not go on."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, inner, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.locate import locate
from apps.cli.options import json_option, place_options


@click.command()
@click.argument("cluster")
@place_options
@click.option("--reason", required=True, help="Why; it is recorded with your name.")
@click.option("--force", is_flag=True, help="Stop it although it goes on by itself.")
@click.option("--confirm", metavar="CLUSTER", help="The cluster's name again; without it you are asked.")
@click.option("--dry-run", is_flag=True, help="Show who holds it and who comes next; do nothing.")
@json_option
def unlock(
    cluster: str,
    environment: str | None,
    region: str | None,
    reason: str,
    force: bool,
    confirm: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Break the lock of CLUSTER: what changes it is stopped as it stands, nothing is undone, and the next may begin.

    What was changed for a while only is given back by a repair. Cancelling is safer where that is possible.
    """
    client = Client(configuration.load())
    place = locate(client, cluster, environment, region)
    found = client.get(place.path)
    lock = inner(found, "lock")
    if not lock:
        raise CommandFailed(Exit.REFUSED, f"Nobody changes {cluster}; there is no lock to break.")
    if dry_run:
        if as_json:
            printing.as_json({"lock": lock, "queue": listed(found, "queue")})
        else:
            click.echo(f"{_held(lock)} {_next(found)}\nNothing was changed: this was a dry run.")
        return
    if confirm is None:
        click.echo(f"{_held(lock)} {_next(found)}", err=True)
        confirm = click.prompt(f"Type {cluster} to stop it as it stands", err=True)
    answer = client.post(f"{place.path}unlock/", {"confirm": confirm, "reason": reason, "force": force})
    if as_json:
        printing.as_json(dict(answer))
    else:
        click.echo(f"The lock of {cluster} is broken; {text(lock, 'name')} was stopped as it stood. {_next(found)}")


def _held(lock: Document) -> str:
    goes_on = text(lock, "stuck") or "It goes on by itself."
    return f"{text(lock, 'name')} of {text(lock, 'owner')} holds it. {goes_on}"


def _next(cluster: Document) -> str:
    """Who gets the lock then, once what was changed for a while only is given back."""
    waiting = listed(cluster, "queue")
    if not waiting:
        return "Nobody waits for it."
    first = waiting[0]
    more = f", then {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return f"{text(first, 'kind')} {text(first, 'id')} of {text(first, 'actor')} is next{more}."
