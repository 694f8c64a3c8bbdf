"""`deployconsole policy`: the settings of a cluster, shown and changed."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.exits import CommandFailed, Exit
from apps.cli.locate import locate
from apps.cli.options import assignments, json_option, place_options


@click.command()
@click.argument("cluster")
@place_options
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a setting; repeatable.")
@click.option("--reason", default="", help="Why; needed for a change, and recorded with it.")
@json_option
def policy(
    cluster: str,
    environment: str | None,
    region: str | None,
    changes: tuple[str, ...],
    reason: str,
    as_json: bool,
) -> None:
    """Show what every change of CLUSTER keeps to: its traffic driver, what must stay healthy; --set changes it."""
    client = Client(configuration.load())
    if changes and not reason.strip():
        raise CommandFailed(Exit.USAGE, "Say why, with --reason: a change of policy is recorded with its reason.")
    path = f"{locate(client, cluster, environment, region).path}policy/"
    found = client.patch(path, {**assignments(changes, "--set"), "reason": reason}) if changes else client.get(path)
    if as_json:
        printing.as_json(dict(found))
    else:
        printing.table(("SETTING", "VALUE"), [(name, _word(value)) for name, value in found.items()], "")


def _word(value: object) -> str:
    return "by default" if value in (None, "") else str(value)
