"""`deployconsole push`, `rollback`, `cancel`, `resume` and `watch`: what changes a cluster, and following it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from apps.cli import configuration, printing, watch
from apps.cli.client import Client
from apps.cli.documents import Deployment, Document, Followed, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.locate import locate
from apps.cli.options import (
    assignments,
    change_options,
    dry_run_option,
    json_option,
    override_option,
    place_options,
    queue_option,
    watch_options,
)
from apps.cli.problems import found


@dataclass(frozen=True)
class Change:
    """How a change is asked for and followed, as `change_options` has it; `timeout` is in minutes."""

    options: tuple[str, ...]
    reason: str
    overrides: tuple[str, ...]
    queue: bool
    on_failure: str
    dry_run: bool
    watch: bool
    timeout: float | None
    as_json: bool

    def body(self) -> dict[str, object]:
        """What is sent of it. Raises CommandFailed for an option without a value."""
        return {
            "options": assignments(self.options),
            "reason": self.reason,
            "overrides": list(self.overrides),
            "queue": self.queue,
            "on_failure": self.on_failure,
            "dry_run": self.dry_run,
        }

    def ask(self, client: Client, path: str, body: Mapping[str, object]) -> None:
        """Asks for it, and tells what came of it."""
        answered(client, client.post(path, body), self.dry_run, self.watch, self.timeout, self.as_json)


@click.command()
@click.argument("cluster")
@click.option("--image", required=True, help="The AMI to push; `deployconsole images list APPLICATION` names them.")
@place_options
@click.option("--strategy", default="red-black", show_default=True)
@change_options("the strategy")
def push(cluster: str, image: str, environment: str | None, region: str | None, strategy: str, **given: Any) -> None:
    """Push an image to CLUSTER: a new group takes the traffic, the old one stands by."""
    change = Change(**given)
    body = {"image": image, "strategy": strategy, **change.body()}
    client = Client(configuration.load())
    place = locate(client, cluster, environment, region)
    where = {"environment": place.environment, "region": place.region, "cluster": place.cluster}
    change.ask(client, "deployments/", {**where, **body})


@click.command()
@click.argument("cluster", required=False)
@click.option("--deployment", metavar="ID", help="The push to roll back; otherwise the last one of CLUSTER.")
@place_options
@click.option("--reason", default="", help="Why; it stands in the history.")
@override_option
@queue_option
@dry_run_option
@watch_options
@json_option
def rollback(
    cluster: str | None,
    deployment: str | None,
    environment: str | None,
    region: str | None,
    reason: str,
    overrides: tuple[str, ...],
    queue: bool,
    dry_run: bool,
    watch: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Go back to the group that served before: the last push of CLUSTER, or --deployment ID.

    A push that still runs is undone; one that has ended is rolled back by a deployment of its own.
    """
    client = Client(configuration.load())
    if (cluster is None) == (deployment is None):
        raise CommandFailed(Exit.USAGE, "Say which: a CLUSTER, or --deployment ID.")
    below = f"deployments/{deployment}/" if deployment else locate(client, cluster or "", environment, region).path
    body = {"reason": reason, "overrides": list(overrides), "queue": queue, "dry_run": dry_run}
    answer = client.post(f"{below}rollback/", body)
    answered(client, answer, dry_run, watch, timeout, as_json)


@click.command()
@click.argument("deployment")
@click.option("--reason", default="", help="Why; it stands in the history.")
@click.option("--dry-run", is_flag=True, help="Show what would be put back; do nothing.")
@watch_options
@json_option
def cancel(deployment: str, reason: str, dry_run: bool, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Stop a running DEPLOYMENT (its number) and put back what it did."""
    client = Client(configuration.load())
    answer = client.post(f"deployments/{deployment}/cancel/", {"reason": reason, "dry_run": dry_run})
    answered(client, answer, dry_run, watch, timeout, as_json)


@click.command()
@click.argument("deployment")
@click.option("--reason", default="", help="Why; it stands in the history.")
@watch_options
@json_option
def resume(deployment: str, reason: str, watch: bool, timeout: float | None, as_json: bool) -> None:
    """Let a DEPLOYMENT (its number) go on that asked for a person."""
    client = Client(configuration.load())
    answer = client.post(f"deployments/{deployment}/resume/", {"reason": reason})
    accepted(client, answer, watch, timeout, as_json)


@click.command("watch")
@click.argument("deployment")
@click.option("--timeout", type=float, metavar="MINUTES", help="Watch no longer than this; the deployment goes on.")
@json_option
def watch_(deployment: str, timeout: float | None, as_json: bool) -> None:
    """Follow a DEPLOYMENT (its number) to its end; the exit code tells how it ended."""
    follow(Deployment, Client(configuration.load()), deployment, timeout, as_json)


def answered(
    client: Client, answer: Document, dry_run: bool, follow_it: bool, timeout: float | None, as_json: bool
) -> None:
    """Tells what a change would do, or what `accepted` tells of it."""
    if dry_run:
        preview(answer, as_json)
    else:
        accepted(client, answer, follow_it, timeout, as_json)


def accepted(client: Client, answer: Document, follow_it: bool, timeout: float | None, as_json: bool) -> None:
    """Tells that a change was accepted, or follows it to its end."""
    identifier = text(answer, "id")
    if follow_it:
        follow(Deployment, client, identifier, timeout, as_json)
    elif as_json:
        printing.as_json(answer)
    else:
        waits = f" {text(answer, 'waiting_for')}".rstrip() if text(answer, "state") == "queued" else ""
        kind = text(answer, "kind")
        click.echo(f"Accepted: {kind} {identifier}.{waits} Follow it: deployconsole watch {identifier}")
        for finding in listed(answer, "findings"):
            if text(finding, "level") in {"warn", "overridden"}:
                click.echo(f"  {text(finding, 'level')}: {found(finding)}", err=True)


def follow(kind: type[Followed], client: Client, identifier: str, timeout: float | None, as_json: bool) -> None:
    """Follows to the end and ends the process with the exit code that tells how it went."""
    seconds = None if timeout is None else timeout * 60
    ended = watch.follow(kind, client, identifier, watch.suited(as_json), seconds)
    if as_json:
        printing.as_json(dict(ended.document))
    raise click.exceptions.Exit(watch.exit_code(ended))


def preview(answer: Document, as_json: bool) -> None:
    """Shows a dry run; ends the process with REFUSED when the push would be refused."""
    findings = listed(answer, "findings")
    if as_json:
        printing.as_json(dict(answer))
    else:
        plan(answer)
        for finding in findings:
            click.echo(f"  {text(finding, 'level')}: {found(finding)}")
        click.echo("Nothing was changed: this was a dry run.")
    if any(text(finding, "level") == "refuse" for finding in findings):
        raise click.exceptions.Exit(Exit.REFUSED)


def plan(answer: Document) -> None:
    """Shows what would be done, step by step."""
    click.echo(text(answer, "sentence"))
    for number, step in enumerate(listed(answer, "steps"), 1):
        click.echo(f"  {number}. {text(step, 'title')}")
        for change in _changes(step):
            click.echo(f"       {change}")


def _changes(step: Document) -> list[str]:
    changes = step.get("changes")
    return [str(change) for change in changes] if isinstance(changes, list) else []
