"""`deployconsole recipe show|set` and `base-images list|approve|withdraw`: how AMIs are made, and upon which."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import assignments, json_option

LISTS = ("copies", "security_groups", "gates")  # settings that are lists; an empty word empties one


@click.group()
def recipe() -> None:
    """How an application's package becomes an AMI."""


@recipe.command()
@click.argument("application")
@json_option
def show(application: str, as_json: bool) -> None:
    """Show the recipe of APPLICATION."""
    _show(Client(configuration.load()).get(f"applications/{application}/recipe/"), as_json)


@recipe.command("set")
@click.argument("application")
@click.option("--env", "environment", help="The environment that bakes.")
@click.option("--region", help="Where it is made.")
@click.option("--copy", "copies", multiple=True, metavar="REGION", help="All regions that get a copy; repeatable.")
@click.option("--base", help="The base image's name; its latest is taken.")
@click.option("--base-pinned", metavar="AMI", help="One AMI of it, always.")
@click.option("--architecture", help="x86_64 or arm64.")
@click.option("--provisioner", help="What installs the package; GET provisioners/ names them.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="Of the provisioner; repeatable.")
@click.option("--repository", help="Where the package comes from.")
@click.option("--package", help="Its name, where it is not the application's.")
@click.option("--instance-type", help="Of the builder.")
@click.option("--subnet", help="Of the builder.")
@click.option("--security-group", "security_groups", multiple=True, help="All of the builder's; repeatable.")
@click.option("--instance-profile", help="Of the builder.")
@click.option("--bucket", help="Takes the builder's whole log.")
@click.option("--timeout-seconds", type=int, help="After which it is given up.")
@click.option("--gate", "gates", multiple=True, help="All that a build must have passed to be pushed; repeatable.")
@click.option("--git", help="A local clone, or a GitHub or GitLab project.")
@click.option("--ticket-pattern", help="A regular expression, as [A-Z]+-[0-9]+.")
@click.option("--ticket-url", help="With {ticket} in it.")
@click.option("--check-first/--no-check-first", default=None, help="Whether a bake begins with a check of the package.")
@click.option("--check-root", help="The distribution that a check is done in, as debian-12.")
@click.option("--check-start", help="A command that starts the service, for checks.")
@click.option("--check-path", help="That the service must answer, as /health.")
@click.option("--check-port", type=int, help="Where it does.")
@click.option("--check-command", help="That must succeed once the package is installed.")
@click.option("--check-seconds", type=int, help="Within which it must be well.")
@click.option("--reason", help="Why; it is recorded.")
@json_option
def set_(application: str, options: tuple[str, ...], as_json: bool, **settings: object) -> None:
    """Change what is given of the recipe of APPLICATION, all else stays; or give it its first one."""
    body = {name: value for name, value in settings.items() if value is not None and name not in LISTS}
    for name in LISTS:
        given = settings[name]
        if isinstance(given, tuple) and given:
            body[name] = [word for word in given if word]
    if options:
        body["options"] = assignments(options)
    if not set(body) - {"reason"}:
        raise CommandFailed(Exit.USAGE, "Say what shall change, as --base debian-12.")
    _show(Client(configuration.load()).patch(f"applications/{application}/recipe/", body), as_json)


@click.group("base-images")
def base_images() -> None:
    """The AMIs that may be baked upon."""


@base_images.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were withdrawn.")
@click.option("--env", "environment", help="Those of this environment.")
@click.option("--name", help="Those of this name.")
@json_option
def list_(everything: bool, environment: str | None, name: str | None, as_json: bool) -> None:
    """List the base images, those approved last first."""
    client = Client(configuration.load())
    standing = None if everything else "true"
    found = list(client.pages("base-images/", environment=environment, name=name, standing=standing))
    if as_json:
        printing.as_json(found)
        return
    printing.table(
        ("ID", "NAME", "VERSION", "IMAGE", "ARCHITECTURE", "ENV", "REGION", "STATE", "BY"),
        [_row(item) for item in found],
        "No base image is approved.",
        drop=("BY", "ARCHITECTURE"),
    )


@base_images.command()
@click.argument("name")
@click.argument("image")
@click.option("--env", "environment", required=True, help="Whose account bakes upon it.")
@click.option("--region", required=True, help="Where the AMI is.")
@click.option("--version", default="", help="What people call this one.")
@click.option("--reason", default="", help="Why; it is recorded.")
@json_option
def approve(name: str, image: str, environment: str, region: str, version: str, reason: str, as_json: bool) -> None:
    """Approve IMAGE, an AMI, as the base image NAME: the latest one from then on."""
    body = {
        "environment": environment,
        "region": region,
        "name": name,
        "image_id": image,
        "version": version,
        "reason": reason,
    }
    made = Client(configuration.load()).post("base-images/", body)
    if as_json:
        printing.as_json(dict(made))
    else:
        click.echo(
            f"Base image {text(made, 'id')}: {text(made, 'image_id')} may be baked upon as {text(made, 'name')}."
        )


@base_images.command()
@click.argument("base_image")
@click.option("--reason", default="", help="Why; it is recorded.")
@json_option
def withdraw(base_image: str, reason: str, as_json: bool) -> None:
    """Have nothing baked upon a BASE_IMAGE (its number) any more; what was baked stands."""
    done = Client(configuration.load()).post(f"base-images/{base_image}/withdraw/", {"reason": reason})
    if as_json:
        printing.as_json(dict(done))
    else:
        click.echo(f"Nothing is baked upon {text(done, 'image_id')} as {text(done, 'name')} any more.")


def _show(found: Document, as_json: bool) -> None:
    if as_json:
        printing.as_json(dict(found))
    else:
        shown = [(name, _word(value)) for name, value in found.items() if not name.endswith("url") or name in SETTINGS]
        printing.table(("SETTING", "VALUE"), [row for row in shown if row[1]], "", wrap="VALUE")


SETTINGS = ("ticket_url",)  # called like a link, and none


def _word(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return "" if value is None else str(value)


def _row(item: Document) -> tuple[str, ...]:
    names = ("id", "name", "version", "image_id", "architecture", "environment", "region")
    return (
        *(text(item, name) for name in names),
        "withdrawn" if text(item, "withdrawn_at") else "approved",
        text(item, "withdrawn_by") or text(item, "approved_by"),
    )
