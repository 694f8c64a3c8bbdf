"""`deployconsole bake` and `bakes list|show|cancel|resume|log|manifest`: making AMIs, and how they are made."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.change import follow, plan
from apps.cli.documents import Bake, Document, inner, listed, text
from apps.cli.exits import Exit
from apps.cli.options import json_option, limit_option, watch_options


@click.command()
@click.argument("application")
@click.argument("version")
@click.option("--package", default="", help="Where it is not the one of the recipe.")
@click.option("--build", type=click.IntRange(min=1), help="The build that it is of, by its id.")
@click.option("--rebake", is_flag=True, help="Make it again, although the same image is there already.")
@click.option("--reason", default="", help="Why; it stands in the history.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; do nothing.")
@watch_options
@json_option
def bake(
    application: str,
    version: str,
    package: str,
    build: int | None,
    rebake: bool,
    reason: str,
    dry_run: bool,
    watch: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Make an AMI of a VERSION of the package of APPLICATION, by its recipe; one that is there already is answered."""
    client = Client(configuration.load())
    body: dict[str, object] = {
        "application": application,
        "version": version,
        "package": package,
        "build": build,
        "rebake": rebake,
        "reason": reason,
        "dry_run": dry_run,
    }
    answer = client.post("bakes/", body)
    if dry_run:
        _preview(answer, as_json)
    else:
        _accepted(client, answer, watch, timeout, as_json)


@click.group()
def bakes() -> None:
    """How AMIs were made, and are being made."""


@bakes.command("list")
@click.argument("application", required=False)
@click.option("--version", help="Those of this version.")
@click.option("--env", "environment", help="Those made in this environment.")
@click.option("--state", help="Those in this state; `active` are all that have not ended.")
@limit_option
@json_option
def list_(
    application: str | None,
    version: str | None,
    environment: str | None,
    state: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List bakes, newest first: of APPLICATION, or of all."""
    client = Client(configuration.load())
    query = {"application": application, "version": version, "environment": environment, "state": state}
    found = list(client.pages("bakes/", limit=limit, **query))
    if as_json:
        printing.as_json(found)
        return
    printing.table(
        ("ID", "AGE", "APPLICATION", "VERSION", "STATE", "ENV", "REGION", "IMAGE", "BY", "REASON"),
        [_row(item) for item in found],
        "Nothing was baked yet.",
        drop=("REASON", "REGION", "AGE", "BY"),
        wrap="REASON",
    )


@bakes.command()
@click.argument("bake")
@watch_options
@json_option
def show(bake: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Show a BAKE (its number): how far it is, and its images; or follow it to its end."""
    client = Client(configuration.load())
    if watch:
        follow(Bake, client, bake, timeout, as_json)
    found = client.get(f"bakes/{bake}/")
    if as_json:
        printing.as_json(dict(found))
        return
    click.echo(f"Bake {text(found, 'id')} of {_what(found)}, {text(found, 'state').replace('_', ' ')}")
    for sentence in (text(found, name) for name in ("waiting_for", "outcome", "next_hint")):
        if sentence:
            click.echo(sentence)
    for image in listed(found, "images"):
        gone = " (deleted)" if text(image, "deleted_at") else ""
        click.echo(f"  {text(image, 'region')}  {text(image, 'image_id')}{gone}")


@bakes.command()
@click.argument("bake")
@click.option("--reason", default="", help="Why; it stands in the history.")
@watch_options
@json_option
def cancel(bake: str, reason: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Stop a BAKE (its number) that is under way; nothing is left of it."""
    client = Client(configuration.load())
    _accepted(client, client.post(f"bakes/{bake}/cancel/", {"reason": reason}), watch, timeout, as_json)


@bakes.command()
@click.argument("bake")
@click.option("--reason", default="", help="Why; it stands in the history.")
@watch_options
@json_option
def resume(bake: str, reason: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Try the step again of a BAKE (its number) that needs a person."""
    client = Client(configuration.load())
    _accepted(client, client.post(f"bakes/{bake}/resume/", {"reason": reason}), watch, timeout, as_json)


@bakes.command()
@click.argument("bake")
@json_option
def log(bake: str, as_json: bool) -> None:
    """Print what the builder of a BAKE (its number) printed, as far as it is kept."""
    found = Client(configuration.load()).get(f"bakes/{bake}/log/")
    if as_json:
        printing.as_json(dict(found))
        return
    cut = text(found, "log_cut")
    if cut not in {"", "0"}:
        click.echo(f"{cut} bytes before this were lost.", err=True)
    click.echo(text(found, "log"))


@bakes.command()
@click.argument("bake")
@json_option
def manifest(bake: str, as_json: bool) -> None:
    """Print what is inside of the images of a BAKE (its number): packages with versions, configuration files' sums."""
    found = Client(configuration.load()).get(f"bakes/{bake}/manifest/")
    if as_json:
        printing.as_json(dict(found))
        return
    lost = text(found, "lost")
    if lost not in {"", "0"}:
        click.echo(f"{lost} pieces of the list were lost.", err=True)
    for part in ("packages", "files"):
        for name, value in sorted(inner(found, part).items()):
            click.echo(f"{name}\t{value}")


def _accepted(client: Client, answer: Document, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Tells that a bake was started or is there, or follows it to its end."""
    identifier = text(answer, "id")
    if watch:
        follow(Bake, client, identifier, timeout, as_json)
    elif as_json:
        printing.as_json(dict(answer))
    elif answer.get("joined") is True and text(answer, "ended_at"):
        made = ", ".join(f"{text(each, 'image_id')} in {text(each, 'region')}" for each in listed(answer, "images"))
        click.echo(f"There already, made by bake {identifier}: {made}")
    else:
        verb = "Being made already" if answer.get("joined") is True else "Accepted"
        click.echo(f"{verb}: bake {identifier}. Follow it: {Bake.again.format(id=identifier)}")


def _preview(answer: Document, as_json: bool) -> None:
    """Shows a dry run; ends the process with REFUSED when the bake would be refused."""
    findings, notes = _sentences(answer, "findings"), _sentences(answer, "notes")
    if as_json:
        printing.as_json(dict(answer))
    else:
        plan(answer)
        for finding in findings:
            click.echo(f"  refuse: {finding}")
        for note in notes:
            click.echo(f"  warn: {note}")
        click.echo("Nothing was made: this was a dry run.")
    if findings:
        raise click.exceptions.Exit(Exit.REFUSED)


def _sentences(answer: Document, name: str) -> list[str]:
    given = answer.get(name)
    return [str(each) for each in given] if isinstance(given, list) else []


def _what(item: Document) -> str:
    return f"{text(item, 'package')} {text(item, 'version')}"


def _row(item: Document) -> tuple[str, ...]:
    here = [each for each in listed(item, "images") if text(each, "region") == text(item, "region")]
    return (
        text(item, "id"),
        printing.age(item, "created_at"),
        text(item, "application"),
        text(item, "version"),
        text(item, "state"),
        text(item, "environment"),
        text(item, "region"),
        text(here[0], "image_id") if here else "",
        text(item, "actor"),
        text(item, "reason"),
    )
