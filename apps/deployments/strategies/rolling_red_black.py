"""Rolling red/black: the next group takes over the traffic part by part, watched or asked about after each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.strategies import next_group, next_group_options
from apps.deployments.strategies.base import Strategy, register
from apps.deployments.strategies.next_group import NextGroup
from apps.deployments.strategies.next_group_options import NextGroupOptions
from apps.deployments.strategies.parts import soak
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

BETWEEN = (
    ("watch", "Watch the new group, then go on"),
    ("ask", "Watch it, then ask a person"),
)
MOST_PARTS = 20


@dataclass(frozen=True)
class Options(NextGroupOptions):
    """What can be chosen for a rolling red/black push."""

    percentages: str = option(
        "10, 50", "Parts", "The shares of the traffic on the way to all of it, in percent, rising: 10, 50."
    )
    between: str = option("watch", "After each part", "What happens before the next part moves.", choices=BETWEEN)
    watch_seconds: int = option(
        60,
        "Watch each part for",
        "Healthy capacity below desired for too long undoes the push.",
        minimum=0,
        maximum=86_400,
        unit="seconds",
    )


def check(options: Options) -> dict[str, str]:
    """Errors between options: field to sentence."""
    errors = next_group_options.check(options, watches=bool(options.watch_seconds))
    try:
        shares = parts(options)
    except ValueError:
        errors["options.percentages"] = f"{options.percentages!r} are no percentages. Write them like this: 10, 50."
        return errors
    if not all(0 < share < 100 for share in shares):
        errors["options.percentages"] = "Each part must be above 0 and below 100; all of the traffic comes by itself."
    elif list(shares) != sorted(set(shares)):
        errors["options.percentages"] = "The parts must rise: each above the one before it."
    elif not 1 <= len(shares) <= MOST_PARTS:
        errors["options.percentages"] = f"Name 1 to {MOST_PARTS} parts; for none, push red/black."
    return errors


def parts(options: Options) -> tuple[float, ...]:
    """The shares in percent. Raises ValueError for what is no list of numbers."""
    return tuple(float(word) for word in options.percentages.split(",") if word.strip())


def plan(situation: Situation, options: Options) -> Preview:
    """What a push would do, and what speaks against it."""
    return next_group.plan(situation, options, lambda group: _steps(group, options))


def _steps(group: NextGroup, options: Options) -> Iterator[PlannedStep]:
    shares = parts(options)
    yield from group.start(shares[0])
    for share in shares:
        yield from group.share_traffic(share)
        yield from _between(group, options, share)
    yield group.healthy(grows=True)
    yield from group.take_traffic()
    yield from group.end()


def _between(group: NextGroup, options: Options, share: float) -> Iterator[PlannedStep]:
    if options.watch_seconds:
        yield soak(group.place, replace(options, soak_seconds=options.watch_seconds), group.name)
    if options.between == "ask":
        question = f"{group.name} has its part of {share:g} %. Go on, or have it all put back?"
        yield PlannedStep("ask-person", f"Ask whether to go on after {share:g} %", {"question": question})


ROLLING_RED_BLACK = register(
    Strategy(
        slug="rolling-red-black",
        title="Rolling red/black",
        summary="Like red/black, but the traffic moves part by part, watched or asked about after each.",
        options_type=Options,
        plan=plan,
        check=check,
    )
)
