"""What several commands take."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from apps.cli.exits import CommandFailed, Exit

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, as the API answered it.")(command)


def place_options(command: Command) -> Command:
    """--env and --region, which say which cluster of a name is meant."""
    command = click.option("--region", help="Its AWS region; may be left out when the name is unique.")(command)
    return click.option("--env", "environment", help="Its environment; may be left out likewise.")(command)


def watch_options(command: Command) -> Command:
    command = click.option(
        "--timeout", type=float, metavar="MINUTES", help="Watch no longer than this; the deployment goes on."
    )(command)
    return click.option("--watch", is_flag=True, help="Follow it; the exit code tells how it ended.")(command)


def override_option(command: Command) -> Command:
    return click.option(
        "--override",
        "overrides",
        multiple=True,
        metavar="CODE",
        help="Do it although this finding refuses it; needs --reason, and is recorded. Repeatable.",
    )(command)


def queue_option(command: Command) -> Command:
    return click.option(
        "--queue", is_flag=True, help="Where somebody else changes the cluster, wait for its turn; planned then."
    )(command)


def on_failure_option(command: Command) -> Command:
    return click.option(
        "--on-failure",
        type=click.Choice(["undo", "ask"]),
        default="undo",
        show_default=True,
        help="What a failed step does: undo everything, or ask a person first.",
    )(command)


def dry_run_option(command: Command) -> Command:
    return click.option("--dry-run", is_flag=True, help="Show what would be done; do nothing.")(command)


def change_options(of: str) -> Callable[[Command], Command]:
    """What a push and an operation on a group take alike; `of` says whose `--option` it is."""

    def decorate(command: Command) -> Command:
        for each in (json_option, watch_options, dry_run_option, on_failure_option, queue_option, override_option):
            command = each(command)
        command = click.option("--reason", default="", help="Why; it stands in the history.")(command)
        says = f"An option of {of}; repeatable."
        return click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help=says)(command)

    return decorate


def limit_option(command: Command) -> Command:
    return click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to list.")(
        command
    )


def assignments(pairs: tuple[str, ...], option: str = "--option") -> dict[str, object]:
    """`k=v` pairs as an object; numbers, true, false and null become what they look like.

    Raises CommandFailed for a pair without `=`.
    """
    options: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise CommandFailed(Exit.USAGE, f"{option} {pair!r} is not of the form name=value.")
        options[name.replace("-", "_")] = _value(value)
    return options


def _value(value: str) -> object:
    words: dict[str, object] = {"true": True, "false": False, "null": None}
    if value in words:
        return words[value]
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    return float(value) if re.fullmatch(r"-?\d+\.\d+", value) else value
