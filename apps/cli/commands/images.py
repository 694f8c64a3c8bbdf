"""`deployconsole images`, `images diff|used|promote`: what could be pushed, what differs, what uses one."""

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


@images.command()
@click.argument("image")
@place_options
@json_option
def used(image: str, environment: str | None, region: str | None, as_json: bool) -> None:
    """Show what uses the AMI IMAGE, in every environment: groups, instances, launch templates; and when it was last."""
    client = Client(configuration.load())
    found = client.get(f"{_find(client, image, environment, region)}use/")
    if as_json:
        printing.as_json(dict(found))
        return
    printing.table(("KIND", "NAME", "ENV", "REGION", "DOES"), list(_users(found)), "Nothing uses it now.", wrap="DOES")
    for sentence in _remarks(found):
        printing.err.print(sentence, markup=False)


def _users(found: Document) -> Iterator[tuple[str, ...]]:
    """What uses it, a row each: groups, instances beside these, launch template versions, AMIs made upon it."""
    for each in listed(found, "groups"):
        yield (
            "group",
            text(each, "group"),
            *_place(each),
            f"{text(each, 'does')}, {text(each, 'instance_count')} instances",
        )
    for each in listed(found, "instances"):
        group = text(each, "group")
        does = f"is of {group}, which launches another" if group else "is in no group"
        yield ("instance", text(each, "instance_id"), *_place(each), does)
    for each in listed(found, "templates"):
        current = ", its default or latest" if each.get("current") is True else ""
        yield (
            "launch template",
            text(each, "name"),
            *_place(each),
            f"names it in version {text(each, 'version')}{current}",
        )
    for each in listed(found, "base_of"):
        yield ("image", text(each, "image_id"), *_place(each), "was made upon it")


def _remarks(found: Document) -> Iterator[str]:
    """When it was last used, what is not known of that, its copies, and what the janitor is about to do."""
    last = printing.age(found, "last_referenced_at")
    yield (
        f"Last seen used {last} ago, by {text(found, 'last_referenced_by')}."
        if last
        else "Nobody has seen it used so far."
    )
    if text(found, "unknown"):
        yield text(found, "unknown")
    for each in listed(found, "copies"):
        yield f"The same bake elsewhere: {text(each, 'image_id')} in {' '.join(_place(each))}."
    mark = inner(found, "mark")
    if mark:
        due = text(mark, "due_at")[:10]
        yield f"The janitor has marked it, and does not delete it before {due}: {text(mark, 'because')}"
    for each in listed(found, "keeps"):
        reason = text(each, "reason")
        yield f"{text(each, 'actor')} keeps it from the janitor{f': {reason}' if reason else '.'}"


def _place(each: Document) -> tuple[str, str]:
    return text(each, "environment"), text(each, "region")


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
