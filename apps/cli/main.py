"""The entry point `deployconsole`."""

from __future__ import annotations

import sys

import click

from apps.cli import printing
from apps.cli.commands.access import login
from apps.cli.commands.apps import apps
from apps.cli.commands.bakes import bake, bakes
from apps.cli.commands.builds import builds
from apps.cli.commands.change import cancel, push, resume, rollback, watch_
from apps.cli.commands.checks import checks
from apps.cli.commands.decide import decide, override
from apps.cli.commands.environments import environments
from apps.cli.commands.freezes import freezes
from apps.cli.commands.group import group
from apps.cli.commands.history import history
from apps.cli.commands.images import images
from apps.cli.commands.instance import instance
from apps.cli.commands.janitor import janitor
from apps.cli.commands.lists import groups, instances, launch_templates, load_balancers, search
from apps.cli.commands.look import status
from apps.cli.commands.policy import policy
from apps.cli.commands.promotions import promotions
from apps.cli.commands.recipes import base_images, recipe
from apps.cli.commands.tokens import tokens
from apps.cli.commands.unlock import unlock
from apps.cli.commands.webhooks import webhooks
from apps.cli.exits import HELP, CommandFailed, Exit


@click.group(epilog=HELP)
@click.version_option(package_name="deployconsole")
def command() -> None:
    """Push machine images to Auto Scaling groups, watch them take over, and roll them back.

    DEPLOYCONSOLE_URL and DEPLOYCONSOLE_TOKEN say which console and as whom; so does `deployconsole login`.
    """


for subcommand in (
    login,
    apps,
    push,
    rollback,
    cancel,
    resume,
    decide,
    override,
    watch_,
    status,
    history,
    images,
    builds,
    bake,
    bakes,
    checks,
    recipe,
    promotions,
    base_images,
    freezes,
    janitor,
    group,
    policy,
    groups,
    instances,
    instance,
    load_balancers,
    launch_templates,
    search,
    environments,
    tokens,
    webhooks,
    unlock,
):
    subcommand.epilog = HELP
    command.add_command(subcommand)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and ends the process with its exit code (apps/cli/exits.py)."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        status = command.main(given, prog_name="deployconsole", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)
    except CommandFailed as error:
        _show(error, as_json="--json" in given)
        sys.exit(error.status)
    sys.exit(status if isinstance(status, int) else Exit.SUCCEEDED)


def _show(error: CommandFailed, *, as_json: bool) -> None:
    if as_json:
        printing.as_json(dict(error.problem))
    for sentence in error.sentences:
        printing.err.print(sentence, markup=False)


if __name__ == "__main__":
    main()
