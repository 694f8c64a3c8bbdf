"""Red/black: the next group comes up beside the serving one, then takes its traffic; the old one stands by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.strategies import next_group
from apps.deployments.strategies.base import Strategy, register
from apps.deployments.strategies.next_group import NextGroup
from apps.deployments.strategies.next_group_options import NextGroupOptions, check
from apps.workflows.plans import PlannedStep


@dataclass(frozen=True)
class Options(NextGroupOptions):
    """What can be chosen for a red/black push."""


def plan(situation: Situation, options: Options) -> Preview:
    """What a push would do, and what speaks against it."""
    return next_group.plan(situation, options, _steps)


def _steps(group: NextGroup) -> Iterator[PlannedStep]:
    yield from group.start()
    yield group.healthy()
    yield from group.take_traffic()
    yield from group.end()


RED_BLACK = register(
    Strategy(
        slug="red-black",
        title="Red/black",
        summary="Starts the next group beside the serving one, moves all traffic at once, keeps the old one.",
        options_type=Options,
        plan=plan,
        check=check,
    )
)
