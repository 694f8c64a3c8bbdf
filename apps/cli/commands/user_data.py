"""`deployconsole apps user-data …`: what instances of an application are told when they start."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, inner, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import json_option


@click.group("user-data")
def user_data() -> None:
    """What instances of an application are told when they start; reading the text is for operators, and recorded."""


@user_data.command()
@click.argument("application")
@json_option
def show(application: str, as_json: bool) -> None:
    """Show which version holds for APPLICATION and what each place gets, without the text."""
    _show(Client(configuration.load()).get(_path(application)), as_json)


@user_data.command()
@click.argument("application")
@json_option
def versions(application: str, as_json: bool) -> None:
    """List every version of the template of APPLICATION, newest first."""
    rows = list(Client(configuration.load()).pages(f"{_path(application)}versions/"))
    if as_json:
        printing.as_json(rows)
        return
    names = ("version", "created_at", "actor", "bytes", "reason")
    printing.table(
        tuple(name.upper().replace("CREATED_AT", "WRITTEN") for name in names),
        [tuple(text(row, name) for name in names) for row in rows],
        f"Nobody has written one: deployconsole apps user-data set {application}",
        wrap="REASON",
    )


@user_data.command()
@click.argument("application")
@click.option("--version", type=int, help="Another than the newest.")
@json_option
def read(application: str, version: int | None, as_json: bool) -> None:
    """Print the template of APPLICATION as it was written; that you read it is recorded."""
    found = Client(configuration.load()).post(f"{_path(application)}read/", {"version": version})
    if as_json:
        printing.as_json(dict(found))
    else:
        click.echo(text(found, "text"), nl=False)


@user_data.command("set")
@click.argument("application")
@click.option("--file", metavar="PATH", help="The template's text; - reads it from the input. Empty: take it away.")
@click.option("--prefix", help="What ${prefix} and ${exports} put in front.")
@click.option(
    "--variables",
    "environments",
    multiple=True,
    metavar="ENV",
    help="All variables of this environment become those given with --variable; none empties it. Repeatable.",
)
@click.option("--variable", "values", multiple=True, metavar="ENV:NAME=VALUE", help="A variable; repeatable.")
@click.option("--reason", required=True, help="Why; it stays with the version.")
@json_option
def set_(
    application: str,
    file: str | None,
    prefix: str | None,
    environments: tuple[str, ...],
    values: tuple[str, ...],
    reason: str,
    as_json: bool,
) -> None:
    """Write the next version of the template of APPLICATION; what is not given stays. An environment's variables are
    given all together.
    """
    body: dict[str, object] = {"reason": reason}
    if file is not None:
        body["text"] = _read(file)
    if prefix is not None:
        body["prefix"] = prefix
    if environments or values:
        body["variables"] = _variables(environments, values)
    if set(body) == {"reason"}:
        raise CommandFailed(Exit.USAGE, "Say what shall change, as --file user-data.sh.")
    _show(Client(configuration.load()).patch(_path(application), body), as_json)


@user_data.command()
@click.argument("application")
@click.option("--env", "environment", required=True, help="The environment.")
@click.option("--region", required=True, help="The AWS region.")
@click.option("--cluster", required=True, help="The cluster there.")
@click.option("--version", type=int, help="Another than the version that holds.")
@click.option("--image", default="", help="Another AMI than it has.")
@json_option
def render(
    application: str, environment: str, region: str, cluster: str, version: int | None, image: str, as_json: bool
) -> None:
    """Print what a group of a cluster of APPLICATION would get; that you read it is recorded."""
    found = _rendered(Client(configuration.load()), application, (environment, region, cluster), version, image)
    if as_json:
        printing.as_json(dict(found))
    else:
        click.echo(text(found, "text"), nl=False)


@user_data.command()
@click.argument("application")
@click.argument("one", metavar="ENV/REGION/CLUSTER")
@click.argument("other", metavar="ENV/REGION/CLUSTER")
def diff(application: str, one: str, other: str) -> None:
    """Print what differs between two places of APPLICATION: test and production; that you read it is recorded."""
    client = Client(configuration.load())
    texts = [text(_rendered(client, application, _place(each), None, ""), "text") for each in (one, other)]
    before, after = (each.splitlines() for each in texts)
    for line in difflib.unified_diff(before, after, one, other, lineterm=""):
        click.echo(line)


def _path(application: str) -> str:
    return f"applications/{application}/user-data/"


def _place(given: str) -> tuple[str, str, str]:
    parts = given.split("/")
    if len(parts) != 3:
        raise CommandFailed(Exit.USAGE, f"Name a place as prod/us-east-1/api-prod, not {given}.")
    return parts[0], parts[1], parts[2]


def _rendered(
    client: Client, application: str, place: tuple[str, str, str], version: int | None, image: str
) -> Document:
    environment, region, cluster = place
    body = {"environment": environment, "region": region, "cluster": cluster, "version": version, "image": image}
    return client.post(f"{_path(application)}render/", body)


def _read(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        return Path(file).read_bytes().decode() if file else ""
    except UnicodeDecodeError as error:
        raise CommandFailed(Exit.USAGE, f"{file} cannot be read: it is not UTF-8.") from error
    except OSError as error:
        raise CommandFailed(Exit.USAGE, f"{file} cannot be read: {error.strerror or error}") from error


def _variables(environments: tuple[str, ...], values: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {name: {} for name in environments}
    for each in values:
        environment, colon, rest = each.partition(":")
        if not colon:
            raise CommandFailed(Exit.USAGE, f"Write a variable as prod:LOG_LEVEL=warn, not {each}.")
        name, equals, value = rest.partition("=")
        if not equals:
            raise CommandFailed(Exit.USAGE, f"Write a variable as prod:LOG_LEVEL=warn, not {each}.")
        found.setdefault(environment, {})[name] = value
    return found


def _show(found: Document, as_json: bool) -> None:
    if as_json:
        printing.as_json(dict(found))
        return
    names = ("version", "actor", "created_at", "reason", "bytes", "prefix")
    click.echo("\n".join(f"{name}\t{text(found, name)}" for name in names))
    for environment, own in inner(found, "variable_names").items():
        click.echo(f"variables in {environment}\t{', '.join(map(str, own)) if isinstance(own, list) else ''}")
    for place in listed(found, "places"):
        where = "/".join(text(place, name) for name in ("environment", "region", "cluster"))
        click.echo(f"{where}\t{text(place, 'problem') or text(place, 'bytes') + ' bytes'}\t{text(place, 'digest')}")
    warnings = found.get("warnings")
    for sentence in warnings if isinstance(warnings, list) else []:
        printing.err.print(str(sentence), markup=False)
