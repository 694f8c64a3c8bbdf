"""`deployconsole builds list|show|report`: what CI built, which gates it passed, and telling of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, inner, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import json_option, limit_option

OUTCOMES = ("running", "passed", "failed", "skipped")


@click.group()
def builds() -> None:
    """Builds as CI reported them, with their gates."""


@builds.command("list")
@click.argument("part", required=False)
@click.option("--app", "application", help="Those of this application.")
@click.option("--version", help="Those of this version.")
@click.option("--branch", help="Those of this branch.")
@click.option("--commit", help="Those of a commit that begins so.")
@click.option("--gate", help="Those of which this gate was reported.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Those of which that gate, or any gate, ended so.")
@click.option("--since", metavar="TIME", help="Those reported from then on, as 2026-12-24T18:00Z.")
@limit_option
@json_option
def list_(part: str | None, limit: int, as_json: bool, **query: str | None) -> None:
    """List builds, newest first: all, or those with PART in their package or version."""
    found = list(Client(configuration.load()).pages("builds/", limit=limit, q=part, **query))
    if as_json:
        printing.as_json(found)
        return
    heads = ("ID", "APP", "PACKAGE", "VERSION", "BUILD", "BRANCH", "COMMIT", "GATES", "IMAGES", "AGE")
    rows = [_row(item) for item in found]
    printing.table(heads, rows, "No such build.", drop=("AGE", "BRANCH", "PACKAGE", "COMMIT", "IMAGES"), wrap="GATES")


@builds.command()
@click.argument("build")
@json_option
def show(build: str, as_json: bool) -> None:
    """Show one BUILD (its id): facts, gates, and where it has gone since."""
    found = Client(configuration.load()).get(f"builds/{build}/")
    if as_json:
        printing.as_json(dict(found))
        return
    facts = ("application", "package", "version", "number", "commit", "branch", "ci_url", "reported_by")
    rows: list[Sequence[str]] = [(name.replace("_", " "), text(found, name)) for name in facts if text(found, name)]
    rows += [(f"gate {text(gate, 'name')}", _gate(gate)) for gate in listed(found, "gates")]
    gone = inner(found, "gone_to")
    rows += [("image", _image(each)) for each in listed(gone, "images")]
    rows += [("group", _group(each)) for each in listed(gone, "groups")]
    rows += [("deployment", _deployment(each)) for each in listed(gone, "deployments")]
    printing.table(("", ""), rows, "")


@builds.command()
@click.option("--app", "application", required=True, help="The application.")
@click.option("--version", required=True, help="Exactly as the package manager knows it.")
@click.option("--package", default="", help="Left out: the one of the application.")
@click.option("--number", default="", help="CI's own number of the build.")
@click.option("--commit", default="")
@click.option("--branch", default="")
@click.option("--ci-url", default="", help="Where CI shows the build.")
@click.option("--changelog", "changelog", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file.")
@click.option(
    "--gate", "gates", multiple=True, metavar="NAME=OUTCOME", help=f"Outcomes: {', '.join(OUTCOMES)}. Repeatable."
)
@json_option
def report(gates: tuple[str, ...], changelog: Path | None, as_json: bool, **members: str) -> None:
    """Report a build, or what is new of one; of a gate the newest word stands."""
    told = changelog.read_text(encoding="utf-8") if changelog else ""
    body = {**members, "changelog": told, "gates": [_told(pair) for pair in gates]}
    made = Client(configuration.load()).post("builds/", body)
    if as_json:
        printing.as_json(dict(made))
    else:
        click.echo(f"Build {text(made, 'id')}: {text(made, 'package')} {text(made, 'version')}")


def _told(pair: str) -> dict[str, str]:
    name, equals, outcome = pair.partition("=")
    if not equals or not name:
        raise CommandFailed(Exit.USAGE, f"--gate {pair!r} is not of the form name=outcome, as unit=passed.")
    if outcome not in OUTCOMES:
        raise CommandFailed(Exit.USAGE, f"There is no outcome {outcome!r}; known are {', '.join(OUTCOMES)}.")
    return {"name": name, "outcome": outcome}


def _row(item: Document) -> tuple[str, ...]:
    members = ("id", "application", "package", "version", "number", "branch")
    gates = (f"{text(gate, 'name')} {text(gate, 'outcome')}" for gate in listed(item, "gates"))
    return (
        *(text(item, name) for name in members),
        text(item, "commit")[:12],
        ", ".join(gates),
        _images(item),
        printing.age(item, "created_at"),
    )


def _images(item: Document) -> str:
    """How many images are of it, and where these serve or stand by: "2, serves in prod us-east-1"."""
    ids = item.get("image_ids")
    used = [
        f"{text(each, 'does')} in {text(each, 'environment')} {text(each, 'region')}"
        for each in listed(item, "used_in")
    ]
    return ", ".join([str(len(ids)), *used]) if isinstance(ids, list) and ids else ""


def _gate(gate: Document) -> str:
    return " ".join(filter(None, [text(gate, "outcome"), text(gate, "says"), text(gate, "url")]))


def _image(image: Document) -> str:
    return " ".join(text(image, name) for name in ("image_id", "environment", "region", "state"))


def _group(use: Document) -> str:
    return " ".join(text(use, name) for name in ("group", "environment", "does"))


def _deployment(each: Document) -> str:
    return " ".join(text(each, name) for name in ("id", "kind", "cluster", "environment", "state"))
