"""`deployconsole images promote` and `promotions list|show|revoke|cancel|resume`: what another account may launch."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.commands.change import follow, plan
from apps.cli.documents import Document, Promotion, inner, listed, text
from apps.cli.exits import Exit
from apps.cli.options import dry_run_option, json_option, limit_option, watch_options

reason_option = click.option("--reason", default="", help="Why; it stands in the history.")


@click.command()
@click.argument("image")
@click.option("--to", "target", required=True, help="The environment that shall launch it.")
@reason_option
@dry_run_option
@watch_options
@json_option
def promote(
    image: str, target: str, reason: str, dry_run: bool, watch: bool, timeout: float | None, as_json: bool
) -> None:
    """Let another environment launch the AMI IMAGE and its copies, unchanged."""
    client = Client(configuration.load())
    body: dict[str, object] = {"image": image, "target": target, "reason": reason, "dry_run": dry_run}
    answer = client.post("promotions/", body)
    if dry_run:
        _preview(answer, as_json)
    else:
        _accepted(client, answer, watch, timeout, as_json)


@click.group()
def promotions() -> None:
    """Which AMIs another environment was let launch, by whom and upon what."""


@promotions.command("list")
@click.argument("application", required=False)
@click.option("--image", help="Those of this AMI, or of a copy of it.")
@click.option("--env", "environment", help="Those from and to this environment.")
@click.option("--to", "target", help="Those to this environment.")
@click.option("--by", "actor", help="Those that this person promoted, or took back.")
@click.option("--standing", help="Those that stand so: granting, granted, not_granted, revoking, revoked, replaced.")
@click.option("--state", help="Those whose last run is in this state; `active` are all that have not ended.")
@click.option("--live", is_flag=True, help="Only those that count: under way, or standing.")
@limit_option
@json_option
def list_(
    application: str | None,
    image: str | None,
    environment: str | None,
    target: str | None,
    actor: str | None,
    standing: str | None,
    state: str | None,
    live: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List promotions, newest first: of APPLICATION, or of all."""
    client = Client(configuration.load())
    query = {
        "application": application,
        "image": image,
        "environment": environment,
        "target": target,
        "actor": actor,
        "standing": standing,
        "state": state,
        "live": "true" if live else None,
    }
    found = list(client.pages("promotions/", limit=limit, **query))
    if as_json:
        printing.as_json(found)
        return
    printing.table(
        ("ID", "AGE", "APPLICATION", "VERSION", "IMAGE", "FROM", "TO", "STANDING", "BY", "REASON"),
        [_row(item) for item in found],
        "Nothing was promoted yet.",
        drop=("REASON", "AGE", "BY", "FROM"),
        wrap="REASON",
    )


@promotions.command()
@click.argument("promotion")
@watch_options
@json_option
def show(promotion: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Show a PROMOTION (its number): how it stands and upon what it was decided; or follow it to its end."""
    client = Client(configuration.load())
    if watch:
        follow(Promotion, client, promotion, timeout, as_json)
    found = client.get(f"promotions/{promotion}/")
    if as_json:
        printing.as_json(dict(found))
        return
    what = " ".join(filter(None, [text(found, "application"), text(found, "version"), text(found, "image")]))
    click.echo(
        f"Promotion {text(found, 'id')} of {what}, {text(found, 'source')} → {text(found, 'target')}: "
        f"{_standing(found)}, by {text(found, 'actor')}"
    )
    for sentence in (text(found, name) for name in ("waiting_for", "outcome", "next_hint")):
        if sentence:
            click.echo(sentence)
    for image in listed(found, "images"):
        click.echo(f"  {text(image, 'region')}  {text(image, 'image_id')}")
    _evidence(inner(found, "evidence"))


@promotions.command()
@click.argument("promotion")
@reason_option
@click.option("--although-used", is_flag=True, help="Although something there uses it; needs --reason, is recorded.")
@dry_run_option
@watch_options
@json_option
def revoke(
    promotion: str,
    reason: str,
    although_used: bool,
    dry_run: bool,
    watch: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Take a PROMOTION (its number) back: its environment may launch the AMI no more."""
    client = Client(configuration.load())
    body: dict[str, object] = {"reason": reason, "although_used": although_used, "dry_run": dry_run}
    answer = client.post(f"promotions/{promotion}/revoke/", body)
    if not dry_run:
        _accepted(client, answer, watch, timeout, as_json)
        return
    used = answer.get("used_by")
    used_by = [str(each) for each in used] if isinstance(used, list) else []
    refused = bool(used_by) and not (although_used and reason.strip())
    if as_json:
        printing.as_json(dict(answer))
    else:
        plan(answer)
        for each in used_by:
            click.echo(f"  used by {each}")
        if refused:
            click.echo("Refused while it is used, unless with --although-used and --reason.")
        click.echo("Nothing was changed: this was a dry run.")
    if refused:
        raise click.exceptions.Exit(Exit.REFUSED)


@promotions.command()
@click.argument("promotion")
@reason_option
@watch_options
@json_option
def cancel(promotion: str, reason: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Stop what goes on of a PROMOTION (its number): what was granted is taken back, what was taken, granted again."""
    client = Client(configuration.load())
    _accepted(client, client.post(f"promotions/{promotion}/cancel/", {"reason": reason}), watch, timeout, as_json)


@promotions.command()
@click.argument("promotion")
@reason_option
@watch_options
@json_option
def resume(promotion: str, reason: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Try the step again of a PROMOTION (its number) that needs a person."""
    client = Client(configuration.load())
    _accepted(client, client.post(f"promotions/{promotion}/resume/", {"reason": reason}), watch, timeout, as_json)


def _accepted(client: Client, answer: Document, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Tells that it was accepted or is so already, or follows it to its end."""
    identifier = text(answer, "id")
    if watch:
        follow(Promotion, client, identifier, timeout, as_json)
    elif as_json:
        printing.as_json(dict(answer))
    elif answer.get("joined") is True and text(answer, "ended_at"):
        click.echo(f"{text(answer, 'target')} may launch it already, by promotion {identifier}.")
    else:
        verb = "Being promoted already" if answer.get("joined") is True else "Accepted"
        click.echo(f"{verb}: promotion {identifier}. Follow it: {Promotion.again.format(id=identifier)}")


def _preview(answer: Document, as_json: bool) -> None:
    """Shows a dry run; ends the process with REFUSED when the promotion would be refused."""
    findings = listed(answer, "findings")
    if as_json:
        printing.as_json(dict(answer))
    else:
        plan(answer)
        for finding in findings:
            click.echo(f"  {text(finding, 'level')}: {text(finding, 'text')}")
        _evidence(inner(answer, "evidence"))
        click.echo("Nothing was changed: this was a dry run.")
    if answer.get("possible") is False:
        raise click.exceptions.Exit(Exit.REFUSED)


def _evidence(found: Document) -> None:
    """What speaks for it, a line each; what is not known is said so."""
    build, inside = inner(found, "build"), inner(found, "manifest")
    gates = ", ".join(f"{text(gate, 'name')} {text(gate, 'outcome')}" for gate in listed(build, "gates"))
    click.echo(f"  build: {text(build, 'says')} ({gates or 'no gates'})" if build else "  build: not known")
    counted = f"{text(inside, 'packages')} packages, {text(inside, 'files')} files" if inside else "not known"
    click.echo(f"  inside: {counted}")
    groups = listed(found, "serves")
    for each in groups:
        where = f"{text(each, 'group')} in {text(each, 'region')}"
        click.echo(f"  {where} {text(each, 'does')}, since {printing.age(each, 'since')}")
    if not groups:
        click.echo("  no group of its environment launches it")


def _standing(item: Document) -> str:
    return text(item, "standing").replace("_", " ")


def _row(item: Document) -> tuple[str, ...]:
    return (
        text(item, "id"),
        printing.age(item, "created_at"),
        text(item, "application"),
        text(item, "version"),
        text(item, "image"),
        text(item, "source"),
        text(item, "target"),
        _standing(item),
        text(item, "actor"),
        text(item, "reason"),
    )
