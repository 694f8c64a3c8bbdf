"""`deployconsole environments list|add|edit`: the AWS accounts that the console works in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import json_option

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def environments() -> None:
    """The AWS accounts, with their regions, that the console works in."""


@environments.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all environments."""
    found = list(Client(configuration.load()).pages("environments/"))
    if as_json:
        printing.as_json(found)
        return
    heads = ("ENV", "ACCOUNT", "REGIONS", "PRODUCTION", "ROLE", "DESCRIPTION")
    empty = "No environment yet: deployconsole environments add"
    printing.table(heads, [_row(item) for item in found], empty, drop=("ROLE", "DESCRIPTION"), wrap="DESCRIPTION")


def _members(command: Command) -> Command:
    """What can be said of an environment."""
    for option in (
        click.option("--reason", help="Why; it is recorded."),
        click.option("--production/--no-production", default=None, help="Whether the rules for production hold."),
        click.option("--images-from", help="Environment whose promotions alone bring images here; '': any image."),
        click.option("--description"),
        click.option("--external-id", help="What the role asks for besides, if anything."),
        click.option("--role-arn", help="The role to assume there; without one, the console's own credentials."),
        click.option("--region", "regions", multiple=True, help="A region that is used there; repeatable."),
        click.option("--account", "account_id", help="The AWS account, 12 digits."),
    ):
        command = option(command)
    return command


@environments.command()
@click.argument("name")
@_members
@json_option
def add(name: str, as_json: bool, **members: Any) -> None:
    """Add the environment NAME; needs --account and at least one --region."""
    body = _given(members)
    if "account_id" not in body or "regions" not in body:
        raise CommandFailed(Exit.USAGE, "An environment needs --account and at least one --region.")
    made = Client(configuration.load()).post("environments/", {"name": name, **body})
    _said(made, "is added; it is read from AWS next", as_json)


@environments.command()
@click.argument("name")
@_members
@json_option
def edit(name: str, as_json: bool, **members: Any) -> None:
    """Change what is given of the environment NAME; all else stays. Regions given are all it has then."""
    body = _given(members)
    if not set(body) - {"reason"}:
        raise CommandFailed(Exit.USAGE, "Say what shall change, as --region us-east-1 --region eu-west-1.")
    _said(Client(configuration.load()).patch(f"environments/{name}/", body), "is changed", as_json)


def _given(members: dict[str, Any]) -> dict[str, object]:
    """What was named, as the API has it."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in members.items()
        if value is not None and value != ()
    }


def _said(environment: Document, words: str, as_json: bool) -> None:
    if as_json:
        printing.as_json(dict(environment))
    else:
        click.echo(f"Environment {text(environment, 'name')} {words}.")


def _row(item: Document) -> tuple[str, ...]:
    regions = item.get("regions")
    return (
        text(item, "name"),
        text(item, "account_id"),
        " ".join(map(str, regions)) if isinstance(regions, list) else "",
        "yes" if item.get("production") else "no",
        text(item, "role_arn"),
        text(item, "description"),
    )
