"""`deployconsole instance console-output|user-data`: looking into one instance; each look is recorded."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import json_option, place_options


@click.group()
def instance() -> None:
    """What one instance printed, and what it was started with; for operators, and recorded."""


@instance.command("console-output")
@click.argument("instance")
@place_options
@json_option
def console_output(instance: str, environment: str | None, region: str | None, as_json: bool) -> None:
    """Print the last 64 KB that INSTANCE (its id) printed on its console."""
    _look(instance, "console-output", environment, region, as_json)


@instance.command("user-data")
@click.argument("instance")
@place_options
@json_option
def user_data(instance: str, environment: str | None, region: str | None, as_json: bool) -> None:
    """Print the user data that INSTANCE (its id) was started with."""
    _look(instance, "user-data", environment, region, as_json)


def _look(instance: str, what: str, environment: str | None, region: str | None, as_json: bool) -> None:
    client = Client(configuration.load())
    found = client.post(f"{_find(client, instance, environment, region)}{what}/", {})
    if as_json:
        printing.as_json(dict(found))
    elif text(found, "text"):
        click.echo(text(found, "text"))
    else:
        printing.err.print(f"{instance} has none.", markup=False)


def _find(client: Client, instance: str, environment: str | None, region: str | None) -> str:
    """The path of the instance below /api/v1/; its id alone is enough. Raises CommandFailed where none is known."""
    if environment and region:
        return f"instances/{environment}/{region}/{instance}/"
    for each in client.pages("instances/", q=instance, environment=environment, region=region):
        if text(each, "instance_id") == instance:
            return f"instances/{text(each, 'environment')}/{text(each, 'region')}/{instance}/"
    raise CommandFailed(Exit.REFUSED, f"No instance {instance} is known. `deployconsole instances` lists all.")
