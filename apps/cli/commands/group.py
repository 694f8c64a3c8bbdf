"""`deployconsole group`: what can be done to one Auto Scaling group by hand."""

from __future__ import annotations

import click

from apps.cli import configuration
from apps.cli.client import Client
from apps.cli.commands.change import answered
from apps.cli.documents import text
from apps.cli.exits import CommandFailed, Exit
from apps.cli.options import (
    assignments,
    json_option,
    on_failure_option,
    override_option,
    place_options,
    queue_option,
    watch_options,
)


@click.command()
@click.argument("group")
@click.argument("operation")
@place_options
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of it; repeatable.")
@click.option("--reason", default="", help="Why; it stands in the history.")
@override_option
@queue_option
@on_failure_option
@click.option("--dry-run", is_flag=True, help="Show what would be done; do nothing.")
@watch_options
@json_option
def group(
    group: str,
    operation: str,
    environment: str | None,
    region: str | None,
    options: tuple[str, ...],
    reason: str,
    overrides: tuple[str, ...],
    queue: bool,
    on_failure: str,
    dry_run: bool,
    watch: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Carry out OPERATION on GROUP, as `group api-prod-v004 resize --option desired=6`.

    What is not named by --option stays as it is. An unknown OPERATION is answered with those that there are.
    """
    client = Client(configuration.load())
    body: dict[str, object] = {
        "operation": operation,
        "options": assignments(options),
        "reason": reason,
        "overrides": list(overrides),
        "queue": queue,
        "on_failure": on_failure,
        "dry_run": dry_run,
    }
    answer = client.post(f"{_find(client, group, environment, region)}changes/", body)
    answered(client, answer, dry_run, watch, timeout, as_json)


def _find(client: Client, name: str, environment: str | None, region: str | None) -> str:
    """The path of the group below /api/v1/. Raises CommandFailed when none, or more than one, is meant."""
    if environment and region:
        return f"groups/{environment}/{region}/{name}/"
    found = [
        f"groups/{text(each, 'environment')}/{text(each, 'region')}/{name}/"
        for each in client.pages("groups/", q=name, environment=environment, region=region)
        if text(each, "name") == name
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandFailed(Exit.REFUSED, f"No group {name} is known. `deployconsole status` lists all clusters.")
    raise CommandFailed(Exit.USAGE, f"{len(found)} groups are called {name}. Say which by --env and --region.")
