"""`deployconsole apps list|create|edit|delete|remove`, and `apps user-data`."""

from __future__ import annotations

from typing import Any

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.scaffold import (
    Where,
    chosen,
    confirmed,
    in_each,
    refuse_beforehand,
    refuse_without_place,
    scaffold_options,
)
from apps.cli.commands.user_data import user_data
from apps.cli.documents import text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import assignments, dry_run_option, json_option, override_option, watch_options


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
@click.option(
    "--health-check-path",
    "--health-check-url",
    "health_check_path",
    help="The path that load balancers ask; the console's default otherwise.",
)
@scaffold_options
@click.option("--reason", default="", help="Why; it stands in the history.")
@dry_run_option
@watch_options
@json_option
def create(
    name: str,
    owner: str,
    email: str,
    description: str,
    repository_url: str,
    health_check_path: str | None,
    environments: tuple[str, ...],
    region: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Enter the application NAME (letters, digits, '.' and '_'), and make what it needs in each --env.

    With --env, NAME may be a cluster's, as hello-world: that of the application hello.
    """
    where = Where(name, environments, region)
    options = chosen(given, health_check_path)
    refuse_without_place(options, where)
    client = Client(configuration.load())
    entered = where.application if environments else name
    members = {"owner": owner, "email": email, "description": description, "repository_url": repository_url}
    body: dict[str, object] = {"name": entered, **members}
    if health_check_path is not None:
        body["health_check_path"] = health_check_path
    if not environments:
        made = client.post("applications/", body)
        if as_json:
            printing.as_json(made)
        else:
            click.echo(f"Application {text(made, 'name')} is known now.")
        return
    if not given["dry_run"]:
        _enter(client, body, where, options, as_json)
    in_each(client, where, "scaffold/", {"options": options}, given, as_json)


def _enter(client: Client, body: dict[str, object], where: Where, options: dict[str, object], as_json: bool) -> None:
    """Makes the application known, unless it is: what it needs can be made again and again.

    It is not where what it needs would be refused.
    """
    known = {text(each, "name") for each in client.pages("applications/") if not each.get("discovered")}
    if body["name"] in known:
        return
    refuse_beforehand(client, where, options)
    made = client.post("applications/", body)
    if not as_json:
        click.echo(f"Application {text(made, 'name')} is known now.")


@apps.command()
@click.argument("name")
@click.option("--env", "environments", multiple=True, required=True, help="In this environment; repeatable.")
@click.option("--region", default="", help="Where an environment has several.")
@click.option("--reason", default="", help="Why; it stands in the history.")
@click.option("--confirm", metavar="NAME", help="NAME again; without it the plan is shown and you are asked.")
@override_option
@dry_run_option
@watch_options
@json_option
def remove(
    name: str,
    environments: tuple[str, ...],
    region: str,
    confirm: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Remove what was made for NAME, an application's or a cluster's, in each --env, with its groups.

    While one serves, it takes `--override guard-last-serving --reason WHY`.
    """
    client, where = Client(configuration.load()), Where(name, environments, region)
    more = {"overrides": list(overrides)}
    if not given["dry_run"]:
        confirmed(client, where, {**more, "reason": given["reason"]}, confirm, as_json)
    in_each(client, where, "scaffold/remove/", more, given, as_json)


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
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def delete(name: str, yes: bool, as_json: bool) -> None:
    """Forget the application NAME: one that runs nowhere, and has no deployments or builds on record."""
    client = Client(configuration.load())
    if not yes:
        click.confirm(f"Forget {name}?", abort=True, err=True)
    client.delete(f"applications/{name}/")
    if as_json:
        printing.as_json({"name": name})
    else:
        click.echo(f"Application {name} is forgotten.")
