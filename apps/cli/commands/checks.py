"""`deployconsole builds check` and `checks show`: trying a package in a throwaway root before any image is baked."""

from __future__ import annotations

import click

from apps.cli import configuration, printing, watch
from apps.cli.client import Client
from apps.cli.commands.builds import builds
from apps.cli.documents import Check, Document, inner, text
from apps.cli.exits import Exit
from apps.cli.options import json_option, watch_options

BY_OUTCOME = {"passed": Exit.SUCCEEDED, "failed": Exit.FAILED, "skipped": Exit.REFUSED}


@builds.command()
@click.argument("build")
@click.option("--reason", default="", help="Why; it stands in the history.")
@watch_options
@json_option
def check(build: str, reason: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Have the package of a BUILD (its id) installed in a throwaway root and asked whether it is well; in seconds."""
    client = Client(configuration.load())
    answer = client.post(f"builds/{build}/check/", {"reason": reason})
    identifier = text(answer, "id")
    if watch:
        _follow(client, identifier, timeout, as_json)
    elif as_json:
        printing.as_json(dict(answer))
    else:
        click.echo(f"Accepted: check {identifier}. Follow it: {Check.again.format(id=identifier)}")


@click.group()
def checks() -> None:
    """How packages were checked."""


@checks.command()
@click.argument("check")
@watch_options
@json_option
def show(check: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Show a CHECK (its number) with what was installed and printed; or follow it to its end."""
    client = Client(configuration.load())
    if watch:
        _follow(client, check, timeout, as_json)
    found = client.get(f"package-checks/{check}/")
    if as_json:
        printing.as_json(dict(found))
        return
    click.echo(f"Check {text(found, 'id')} of {text(found, 'package')} {text(found, 'version')}: {_ended(found)}")
    click.echo(text(found, "says") or text(found, "waiting_for"))
    for name, version in inner(found, "installed").items():
        click.echo(f"  {name}  {version}")
    if text(found, "log"):
        click.echo(text(found, "log"))


def _follow(client: Client, identifier: str, timeout: float | None, as_json: bool) -> None:
    """Follows it to its end; the exit code tells what it found."""
    seconds = None if timeout is None else timeout * 60
    ended = watch.follow(Check, client, identifier, watch.suited(as_json), seconds)
    if as_json:
        printing.as_json(dict(ended.document))
    outcome = text(ended.document, "outcome")
    raise click.exceptions.Exit(BY_OUTCOME.get(outcome, watch.exit_code(ended)))


def _ended(found: Document) -> str:
    """The word for how it ended."""
    return {"skipped": "not offered", "": "under way"}.get(text(found, "outcome"), text(found, "outcome"))
