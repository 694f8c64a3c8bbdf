"""`deployconsole janitor marks|dry-run|rules|keep|keeps|unkeep`: what may go, what stays, and why."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, listed, text
from apps.cli.options import assignments, json_option, limit_option

HIDDEN = frozenset({"url", "environment", "changed_by", "changed_at"})


@click.group()
def janitor() -> None:
    """Cleans up what nothing uses any more: AMIs, snapshots, launch template versions, disabled groups."""


@janitor.command()
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
@click.option("--env", "environment", help="Those of this environment.")
@click.option("--kind", help="image, snapshot, template-version or group.")
@limit_option
@json_option
def marks(everything: bool, environment: str | None, kind: str | None, limit: int, as_json: bool) -> None:
    """List what is marked, the newest first."""
    live = None if everything else "true"
    found = list(
        Client(configuration.load()).pages("janitor/marks/", limit=limit, environment=environment, kind=kind, live=live)
    )
    if as_json:
        printing.as_json(found)
        return
    heads = ("ID", "KIND", "RESOURCE", "CALLED", "ENV", "REGION", "STATE", "NOT BEFORE", "WHY")
    printing.table(heads, [_mark(item) for item in found], "Nothing is marked.", drop=("CALLED", "REGION"), wrap="WHY")


@janitor.command("dry-run")
@click.argument("environment")
@click.option("--all", "everything", is_flag=True, help="Also what stays, and why.")
@json_option
def dry_run(environment: str, everything: bool, as_json: bool) -> None:
    """Show what a round in ENVIRONMENT would mark now; nothing is changed."""
    found = Client(configuration.load()).get(f"janitor/rules/{environment}/dry-run/")
    if as_json:
        printing.as_json(dict(found))
        return
    things = [each for each in listed(found, "things") if everything or each.get("goes") is True]
    heads = ("KIND", "RESOURCE", "CALLED", "REGION", "GOES", "WHY")
    printing.table(heads, [_judged(each) for each in things], "Nothing would go.", drop=("CALLED",), wrap="WHY")
    if found.get("active") is not True:
        printing.err.print(
            f"The janitor of {environment} is switched off: nothing is marked nor deleted.", markup=False
        )
    if text(found, "held"):
        printing.err.print(text(found, "held"), markup=False)


@janitor.command()
@click.argument("environment")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a rule; repeatable.")
@click.option("--reason", help="Why; it is recorded, and needed with --set.")
@json_option
def rules(environment: str, settings: tuple[str, ...], reason: str | None, as_json: bool) -> None:
    """Show the rules of ENVIRONMENT, or change some: --set active=true switches it on."""
    client, path = Client(configuration.load()), f"janitor/rules/{environment}/"
    if settings:
        found = client.patch(path, {**assignments(settings, "--set"), "reason": reason or ""})
    else:
        found = client.get(path)
    if as_json:
        printing.as_json(dict(found))
        return
    printing.table(("RULE", "VALUE"), [(name, text(found, name)) for name in found if name not in HIDDEN], "")


@janitor.command()
@click.option("--env", "environment", help="Those of this environment.")
@json_option
def keeps(environment: str | None, as_json: bool) -> None:
    """List what people keep from the janitor."""
    found = list(Client(configuration.load()).pages("janitor/keeps/", environment=environment))
    if as_json:
        printing.as_json(found)
        return
    heads = ("ID", "KIND", "RESOURCE", "ENV", "REGION", "BY", "REASON")
    names = ("id", "kind", "resource", "environment", "region", "actor", "reason")
    printing.table(heads, [tuple(text(item, name) for name in names) for item in found], "Nothing is kept.")


@janitor.command()
@click.argument("kind")
@click.argument("resource")
@click.option("--env", "environment", required=True, help="Its environment.")
@click.option("--region", required=True, help="Its AWS region.")
@click.option("--reason", default="", help="Why; it is recorded.")
@json_option
def keep(kind: str, resource: str, environment: str, region: str, reason: str, as_json: bool) -> None:
    """Keep RESOURCE, of a KIND (image, snapshot, template-version, group), from the janitor."""
    body = {"environment": environment, "region": region, "kind": kind, "resource": resource, "reason": reason}
    made = Client(configuration.load()).post("janitor/keeps/", body)
    if as_json:
        printing.as_json(dict(made))
    else:
        click.echo(f"Kept: {text(made, 'kind')} {text(made, 'resource')} ({text(made, 'id')}).")
        if text(made, "note"):
            printing.err.print(text(made, "note"), markup=False)


@janitor.command()
@click.argument("number")
def unkeep(number: str) -> None:
    """Let the janitor have again what the keep NUMBER keeps from it."""
    Client(configuration.load()).delete(f"janitor/keeps/{number}/")
    click.echo("It is no longer kept.")


def _mark(item: Document) -> tuple[str, ...]:
    names = ("id", "kind", "resource", "called", "environment", "region", "state")
    return (
        *(text(item, name) for name in names),
        text(item, "due_at")[:10],
        text(item, "says") or text(item, "because"),
    )


def _judged(each: Document) -> tuple[str, ...]:
    goes = each.get("goes") is True
    names = ("kind", "resource", "called", "region")
    return (*(text(each, name) for name in names), "yes" if goes else "no", text(each, "because" if goes else "stays"))
