"""`deployconsole apps list|create|edit|delete`, and `apps user-data`."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.user_data import user_data
from apps.cli.documents import text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import assignments, json_option


@click.group()
def apps() -> None:
    """The applications that the console knows."""


apps.add_command(user_data)


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


@apps.command()
@click.argument("name")
@click.option("--owner", help="The team or person who answers for it.")
@click.option("--email", help="Where they are reached.")
@click.option("--description")
@click.option("--repository-url", help="Where its source lives.")
@click.option("--health-check-path", help="The path that load balancers ask.")
@click.option("--log-link-template", help="Where an instance's logs are, with {instance} and {group} in it.")
@click.option("--tag", "tags", multiple=True, metavar="NAME=VALUE", help="All its tags, instead of those it has.")
@click.option("--reason", help="Why; it is recorded.")
@json_option
def edit(name: str, tags: tuple[str, ...], as_json: bool, **members: str | None) -> None:
    """Change what is given of the application NAME; all else stays."""
    body: dict[str, object] = {member: value for member, value in members.items() if value is not None}
    if tags:
        body["tags"] = {key: str(value) for key, value in assignments(tags, "--tag").items()}
    if not set(body) - {"reason"}:
        raise CommandFailed(Exit.USAGE, "Say what shall change, as --owner payments.")
    changed = Client(configuration.load()).patch(f"applications/{name}/", body)
    if as_json:
        printing.as_json(dict(changed))
    else:
        click.echo(f"Application {text(changed, 'name')} is changed.")


@apps.command()
@click.argument("name")
@json_option
def delete(name: str, as_json: bool) -> None:
    """Forget the application NAME, which must run nowhere."""
    Client(configuration.load()).delete(f"applications/{name}/")
    if as_json:
        printing.as_json({"name": name})
    else:
        click.echo(f"Application {name} is forgotten.")
