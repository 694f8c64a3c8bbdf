"""`deployconsole apps list|create`."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import text
from apps.cli.options import json_option


@click.group()
def apps() -> None:
    """The applications that the console knows."""


@apps.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all applications."""
    found = list(Client(configuration.load()).pages("applications/"))
    if as_json:
        printing.as_json(found)
        return
    rows = ((text(app, "name"), text(app, "owner"), text(app, "email"), text(app, "description")) for app in found)
    printing.table(
        ("NAME", "OWNER", "E-MAIL", "DESCRIPTION"),
        rows,
        "No application yet: deployconsole apps create",
        wrap="DESCRIPTION",
    )


@apps.command()
@click.argument("name")
@click.option("--owner", default="", help="The team or person who answers for it.")
@click.option("--email", default="", help="Where they are reached.")
@click.option("--description", default="")
@click.option("--repository-url", default="", help="Where its source lives.")
@click.option("--health-check-path", help="The path that load balancers ask; the console's default otherwise.")
@json_option
def create(name: str, health_check_path: str | None, as_json: bool, **members: str) -> None:
    """Enter the application NAME (letters, digits, '.' and '_')."""
    body: dict[str, object] = {"name": name, **members}
    if health_check_path is not None:
        body["health_check_path"] = health_check_path
    made = Client(configuration.load()).post("applications/", body)
    if as_json:
        printing.as_json(made)
    else:
        click.echo(f"Application {text(made, 'name')} is known now.")
