"""`deployconsole apps create NAME --env ENV` and `apps remove`: what a cluster needs on AWS, made and removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from apps.cli import printing
from apps.cli.client import Client
from apps.cli.commands.change import accepted, plan
from apps.cli.documents import Document, listed, text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.problems import found

Command = TypeVar("Command", bound=Callable[..., Any])

PLAIN = (
    "traffic",
    "protocol",
    "certificate_arn",
    "listener",
    "host",
    "path",
    "subnets",
    "allow_from",
    "hosted_zone",
    "record",
)
NUMBERS = ("port", "instance_port", "priority", "min", "max")
OF_GROUP = ("image", "instance_type", "instance_profile", "other_application")
OPTIONS = (*PLAIN, *NUMBERS, *OF_GROUP)


@dataclass(frozen=True)
class Where:
    """A name as people give it, hello-world: the application hello, and its cluster; and where."""

    name: str
    environments: tuple[str, ...]
    region: str

    @property
    def application(self) -> str:
        return self.name.partition("-")[0]

    def body(self, environment: str) -> dict[str, object]:
        return {"environment": environment, "region": self.region, "cluster": self.name}


def scaffold_options(command: Command) -> Command:
    """What `apps create` takes beside what the console only writes down."""
    add = click.option
    options = (
        add("--env", "environments", multiple=True, help="Make what it needs in this environment; repeatable."),
        add("--region", default="", help="Where an environment has several."),
        add("--traffic", type=click.Choice(["internet-facing", "internal", "rule"]), help="Where requests come from."),
        add("--port", type=click.IntRange(1, 65535), help="On which the load balancer listens; 80 otherwise, or 443."),
        add("--protocol", type=click.Choice(["HTTP", "HTTPS"]), help="Of an own load balancer; HTTP otherwise."),
        add("--certificate-arn", metavar="ARN", help="With --protocol HTTPS: its certificate, of the same region."),
        add("--instance-port", type=click.IntRange(1, 65535), help="On which instances answer, if on another."),
        add("--listener", metavar="ARN", help="With --traffic rule: the listener that gets the rule."),
        add("--host", help="With --traffic rule: requests for this host."),
        add("--path", help="With --traffic rule: requests for this path, as /hello/*."),
        add("--priority", type=click.IntRange(1, 50000), help="With --traffic rule; behind all others otherwise."),
        add("--subnets", metavar="IDS", help="With commas, in two zones at least; the default VPC's otherwise."),
        add("--allow-from", metavar="CIDR", help="Who reaches the load balancer."),
        add("--hosted-zone", metavar="ZONE", help="The zone in Route 53 that gets a record."),
        add("--record", metavar="NAME", help="The record's whole name; the cluster's in the zone otherwise."),
        add("--image", metavar="AMI", help="Make a first group, too, with this AMI."),
        add("--instance-type", help="Of the first group; t3.micro otherwise."),
        add("--min", type=click.IntRange(1), help="Of the first group, and how many it begins with."),
        add("--max", type=click.IntRange(1), help="Of the first group."),
        add("--instance-profile", metavar="NAME", help="Of the first group."),
        add("--other-application", is_flag=True, default=None, help="The AMI's tag names another application: meant."),
        add("--user-data", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    )
    for option in reversed(options):
        command = option(command)
    return command


def chosen(given: Mapping[str, Any], health_check_path: str | None) -> dict[str, object]:
    """The options that were given."""
    options = {name: given[name] for name in OPTIONS if given.get(name) is not None}
    if health_check_path is not None:
        options["health_check_path"] = health_check_path
    if given.get("user_data") is not None:
        options["user_data"] = given["user_data"].read_text()
    return options


def refuse_without_place(options: Mapping[str, object], where: Where) -> None:
    """Raises CommandFailed for options that say nothing without an environment."""
    alone = sorted(set(options) - {"health_check_path"})
    if alone and not where.environments:
        raise CommandFailed(
            Exit.USAGE, f"Say where, with --env: --{alone[0].replace('_', '-')} is of what is made there."
        )


def ask(client: Client, where: Where, environment: str, below: str, more: Mapping[str, object]) -> Document:
    """What the console answers for one environment. Raises CommandFailed, naming --region where that is missing."""
    try:
        return client.post(f"applications/{where.application}/{below}", {**where.body(environment), **more})
    except CommandFailed as failed:
        errors = [text(each, "detail") for each in listed(failed.problem, "errors") if text(each, "field") == "region"]
        if where.region or not errors:
            raise
        raise CommandFailed(Exit.USAGE, f"{' '.join(errors)} Give it with --region.") from failed


def refuse_beforehand(client: Client, where: Where, options: Mapping[str, object]) -> None:
    """Raises CommandFailed where a plan is refused, before anything is made or entered."""
    for environment in where.environments:
        answer = ask(client, where, environment, "scaffold/", {"options": options, "dry_run": True})
        refusals = [f"  {found(each)}" for each in listed(answer, "findings") if text(each, "level") == "refuse"]
        if refusals:
            raise CommandFailed(Exit.REFUSED, "Refused, nothing was changed.", *refusals, problem=answer)


def in_each(
    client: Client, where: Where, below: str, more: Mapping[str, object], given: Mapping[str, Any], as_json: bool
) -> None:
    """Asks for each environment in turn and tells what comes of it; the exit code is REFUSED if a plan is refused."""
    answers, refused = [], False
    for environment in where.environments:
        body = {"reason": given["reason"], "dry_run": given["dry_run"], **more}
        answer = ask(client, where, environment, below, body)
        answers.append(answer)
        if "id" in answer and given["watch"] and len(where.environments) == 1:
            accepted(client, answer, True, given["timeout"], as_json)
        elif not as_json:
            _tell(client, answer, given["dry_run"])
        refused = refused or any(text(each, "level") == "refuse" for each in listed(answer, "findings"))
    if as_json:
        printing.as_json(answers)
    if given["dry_run"] and refused:
        raise click.exceptions.Exit(Exit.REFUSED)


def confirmed(client: Client, where: Where, more: Mapping[str, object], typed: str | None, as_json: bool) -> None:
    """Shows what would be removed and asks for the name, unless it is `typed` already.

    Raises CommandFailed where another was typed, or where a removal is refused.
    """
    if typed is None:
        for environment in where.environments:
            answer = ask(client, where, environment, "scaffold/remove/", {**more, "dry_run": True})
            if any(text(each, "level") == "refuse" for each in listed(answer, "findings")):
                told = [f"  {found(each)}" for each in listed(answer, "findings")]
                raise CommandFailed(Exit.REFUSED, "Refused, nothing was changed.", *told, problem=answer)
            if not as_json:
                plan(answer)
        typed = click.prompt(f"Type {where.name} to remove this", err=True)
    if typed != where.name:
        raise CommandFailed(Exit.REFUSED, f"{typed} is not {where.name}. Nothing was changed.")


def _tell(client: Client, answer: Document, dry_run: bool) -> None:
    if "id" in answer:
        accepted(client, answer, False, None, False)
        return
    plan(answer)
    for finding in listed(answer, "findings"):
        click.echo(f"  {text(finding, 'level')}: {found(finding)}")
    click.echo("Nothing was changed: this was a dry run." if dry_run else "Nothing is to be made.")
