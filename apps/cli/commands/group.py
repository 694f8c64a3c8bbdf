"""`deployconsole group`: what can be done to one Auto Scaling group by hand."""

from __future__ import annotations

from typing import Any

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.change import Change
from apps.cli.documents import Document, inner, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import change_options, place_options

LIST = "operations"
PARTS = ("policy", "schedule")  # of a group, that --option may name to be told what is set of one


@click.command()
@click.argument("group")
@click.argument("operation")
@place_options
@change_options("it")
def group(group: str, operation: str, environment: str | None, region: str | None, **given: Any) -> None:
    """Carry out OPERATION on GROUP, as `group api-prod-v004 resize --option desired=6`.

    What is not named by --option stays as it is. `group api-prod-v004 operations` lists them, with what is set now;
    of one policy or schedule, with `--option policy=NAME` or `--option schedule=NAME`.
    """
    change = Change(**given)
    body = {"operation": operation, **change.body()}
    client = Client(configuration.load())
    path = _find(client, group, environment, region)
    if operation == LIST:
        _list(client, path, change)
    else:
        change.ask(client, f"{path}changes/", body)


def _list(client: Client, path: str, change: Change) -> None:
    parts = {name: value for name, _, value in (each.partition("=") for each in change.options)}
    if not parts.keys() <= {*PARTS}:
        raise CommandFailed(
            Exit.USAGE, f"{LIST} takes no --option but {' and '.join(f'{each}=NAME' for each in PARTS)}."
        )
    found = listed(client.get(f"{path}operations/", **parts), "results")
    if change.as_json:
        printing.as_json(found)
        return
    heads = ("OPERATION", "NOW", "WHAT", "SET NOW")
    printing.table(heads, [_row(each) for each in found], "Nothing can be done to it.", drop=("WHAT",), wrap="SET NOW")
    for why in dict.fromkeys(text(each, "why_not") for each in found):
        if why:
            printing.err.print(why, markup=False)


def _row(item: Document) -> tuple[str, ...]:
    now = inner(item, "current")
    return (
        text(item, "slug"),
        "yes" if item.get("possible") is True else "no",
        text(item, "title"),
        ", ".join(f"{name}={value}" for name, value in now.items()),
    )


def _find(client: Client, name: str, environment: str | None, region: str | None) -> str:
    """The path of the group below /api/v1/. Raises CommandFailed when none, or more than one, is meant."""
    if environment and region:
        return f"groups/{environment}/{region}/{name}/"
    found = [
        f"groups/{text(each, 'environment')}/{text(each, 'region')}/{name}/"
        for each in client.pages("groups/", q=name, environment=environment, region=region)
        if text(each, "name") == name
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandFailed(Exit.REFUSED, f"No group {name} is known. `deployconsole status` lists all clusters.")
    raise CommandFailed(Exit.USAGE, f"{len(found)} groups are called {name}. Say which by --env and --region.")
