"""The options that every strategy with a next group has."""

from __future__ import annotations

from dataclasses import dataclass

from apps.deployments.strategies import push_options
from apps.deployments.strategies.push_options import PushOptions
from apps.workflows.options import option

KEEP = (
    ("until-next-push", "Keep it until the next push"),
    ("hours", "Keep it for some hours"),
    ("delete-after-soak", "Delete it after the soak"),
    ("delete-at-once", "Delete it as soon as traffic has moved"),
)


@dataclass(frozen=True)
class NextGroupOptions(PushOptions):
    """What can be chosen for every push that starts the next group; strategies add their own."""

    margin_percent: float = option(
        10.0, "Margin", "How much larger than the serving group the new one starts.", minimum=0, maximum=100, unit="%"
    )
    old_group: str = option("until-next-push", "Old group", "What becomes of it once traffic has moved.", choices=KEEP)
    keep_hours: float = option(
        24.0, "Keep for", "Counts when the old group is kept for some hours.", minimum=0.01, maximum=720, unit="hours"
    )
    min_size: int | None = option(
        None, "Min size", "Of the new group in the end; empty: as the serving group's.", minimum=0, maximum=10_000
    )
    max_size: int | None = option(
        None, "Max size", "Of the new group in the end; empty: as the serving group's.", minimum=1, maximum=10_000
    )


def check(options: NextGroupOptions, *, watches: bool = False) -> dict[str, str]:
    """Errors between options: field to sentence. `watches` as for every push."""
    if options.min_size is not None and options.max_size is not None and options.min_size > options.max_size:
        return {"options.min_size": f"Min size {options.min_size} is above max size {options.max_size}."}
    return push_options.check(options, watches=watches)
