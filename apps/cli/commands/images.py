"""`deployconsole images`, `images diff` and `images promote`: what could be pushed, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterator

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.promotions import promote
from apps.cli.documents import Document, inner, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import json_option, limit_option, place_options

LIST = "list"


class Listing(click.Group):
    """Lists where no other of its commands is named: `images web` is `images list web`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else [LIST, *args])


@click.group(cls=Listing)
def images() -> None:
    """The images that can be pushed; without a command they are listed."""


images.add_command(promote)


@images.command(LIST)
@click.argument("application", required=False)
@place_options
@limit_option
@json_option
def list_(application: str | None, environment: str | None, region: str | None, limit: int, as_json: bool) -> None:
    """The images that can be pushed, newest first: of APPLICATION, or of all."""
    client = Client(configuration.load())
    query = {"application": application, "environment": environment, "region": region}
    found = list(client.pages("images/", limit=limit, **query))
    if as_json:
        printing.as_json(found)
        return
    heads = ("IMAGE", "APPLICATION", "VERSION", "COMMIT", "ENV", "REGION", "AGE")
    printing.table(heads, [_image(item) for item in found], "No such image.", drop=("COMMIT", "AGE", "APPLICATION"))


@images.command()
@click.argument("before")
@click.argument("after")
@place_options
@click.option("--no-commits", is_flag=True, help="Do not look up the commits between them.")
@json_option
def diff(before: str, after: str, environment: str | None, region: str | None, no_commits: bool, as_json: bool) -> None:
    """Show what differs from the AMI BEFORE to the AMI AFTER: packages, configuration files, base image, commits."""
    client = Client(configuration.load())
    path = f"{_find(client, after, environment, region)}diff/"
    found = dict(client.get(path, against=before))
    commits = None if no_commits else client.get(f"{path}commits/", against=before)
    if as_json:
        printing.as_json(found if commits is None else {**found, "commits": commits})
        return
    click.echo(f"{_side(inner(found, 'before'))} → {_side(inner(found, 'after'))}")
    heads = ("OF", "CHANGE", "NAME", "BEFORE", "AFTER")
    printing.table(heads, _differences(found), "Nothing is known to differ.", wrap="NAME")
    _sentences(found)
    if commits is not None:
        _commits(commits)


def _find(client: Client, image: str, environment: str | None, region: str | None) -> str:
    """The path of the image below /api/v1/; its id alone is enough. Raises CommandFailed where none is known."""
    if environment and region:
        return f"images/{environment}/{region}/{image}/"
    for each in client.pages("images/", q=image, environment=environment, region=region):
        if text(each, "image_id") == image:
            return f"images/{text(each, 'environment')}/{text(each, 'region')}/{image}/"
    raise CommandFailed(Exit.REFUSED, f"No image {image} is known. `deployconsole images` lists all.")


def _side(side: Document) -> str:
    named = " ".join(filter(None, [text(side, "application"), text(side, "version")]))
    return f"{named} ({text(side, 'image_id')})" if named else text(side, "image_id")


def _differences(found: Document) -> Iterator[tuple[str, ...]]:
    """What differs, a row each: attributes, base image, packages by manager, files."""
    for each in listed(found, "attributes"):
        yield ("image", "changed", *(text(each, name) for name in ("name", "before", "after")))
    if found.get("base_changed") is True:
        yield ("image", "changed", "Base image", *(_base(inner(found, side)) for side in ("before", "after")))
    for part in listed(found, "packages"):
        for change in listed(part, "changes"):
            yield (text(part, "manager"), *(text(change, name) for name in ("kind", "name", "before", "after")))
    for change in listed(inner(found, "files"), "changes"):
        yield ("files", text(change, "kind"), text(change, "path"), "", "")


def _base(side: Document) -> str:
    return text(side, "base") or text(side, "base_image")


def _sentences(found: Document) -> None:
    """How much is the same, and what is not known: beside the rows, for people."""
    same = [f"{text(part, 'unchanged')} {text(part, 'manager')}" for part in listed(found, "packages")]
    files = inner(found, "files")
    same += [f"{text(files, 'unchanged')} files"] if files else []
    if same:
        printing.err.print(f"Unchanged: {', '.join(same)}.", markup=False)
    unknown = found.get("unknown")
    for sentence in unknown if isinstance(unknown, list) else ():
        printing.err.print(str(sentence), markup=False)


def _commits(found: Document) -> None:
    """The commits, a row each; what is wrong or missing beside them."""
    rows = [_commit(each, "removed") for each in listed(found, "removed")]
    rows += [_commit(each, "added") for each in listed(found, "added")]
    empty = text(found, "problem") or "No commit lies between them."
    printing.table(("COMMIT", "CHANGE", "TITLE", "TICKETS", "BY"), rows, empty, drop=("BY", "TICKETS"), wrap="TITLE")
    told = len(rows)
    total = sum(value for name in ("added_total", "removed_total") if isinstance(value := found.get(name), int))
    if total > told:
        printing.err.print(f"Not listed: {total - told} older commits.", markup=False)
    if text(found, "note"):
        printing.err.print(text(found, "note"), markup=False)


def _commit(each: Document, change: str) -> tuple[str, ...]:
    tickets = each.get("tickets")
    named = " ".join(map(str, tickets)) if isinstance(tickets, list) else ""
    return (text(each, "id")[:10], change, text(each, "title"), named, text(each, "author"))


def _image(item: Document) -> tuple[str, ...]:
    return (
        text(item, "image_id"),
        text(item, "application"),
        text(item, "version"),
        text(item, "commit")[:10],
        text(item, "environment"),
        text(item, "region"),
        printing.age(item, "created_at"),
    )
