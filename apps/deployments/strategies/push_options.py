"""The options that every push has, whatever its strategy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from apps.deployments.errors import Finding, Invalid
from apps.deployments.situation import Situation
from apps.workflows.options import option


@dataclass(frozen=True)
class PushOptions:
    """How long to wait, how to watch, what to let pass; strategies add their own."""

    healthy_within_seconds: int = option(
        settings.HEALTHY_WITHIN_SECONDS,
        "Healthy within",
        "When not every new instance is healthy by then, the push undoes itself.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )
    soak_seconds: int = option(
        0, "Soak", "How long to watch the new group before the push ends.", minimum=0, maximum=172_800, unit="seconds"
    )
    undo_when_unhealthy: bool = option(
        True, "Undo when unhealthy", "During the soak: undo when healthy capacity stays below desired."
    )
    unhealthy_for_seconds: int = option(
        180,
        "Unhealthy for",
        "How long capacity must stay below desired before the push is undone.",
        minimum=5,
        maximum=3600,
        unit="seconds",
    )
    soak_alarms: str = option(
        "",
        "Alarms to watch",
        "Names of CloudWatch alarms, with commas between: one that goes off during the soak undoes the push.",
    )
    other_application: bool = option(
        False, "Another application's image", "Push it although its tag names another application."
    )

    @property
    def watched(self) -> tuple[str, ...]:
        """The names of the alarms to watch."""
        return tuple(dict.fromkeys(name.strip() for name in self.soak_alarms.split(",") if name.strip()))


def check(options: PushOptions, *, watches: bool = False) -> dict[str, str]:
    """Errors between options: field to sentence. `watches`: there are soaks on the way, beside the one at the end."""
    if options.watched and not options.soak_seconds and not watches:
        return {"options.soak_alarms": "Alarms are watched during the soak, and soak_seconds is 0."}
    return {}


def check_alarms(situation: Situation, options: PushOptions) -> Iterator[Finding]:
    """What should be known of the alarms to watch. Raises Invalid for one that does not exist."""
    missing = [name for name in options.watched if name not in situation.alarms]
    if missing:
        where = f"{situation.environment} {situation.region}"
        text = f"There is no alarm {' or '.join(missing)} in {where}."
        raise Invalid({"options.soak_alarms": [text]})
    for name in options.watched:
        alarm = situation.alarms[name]
        if alarm.state == "ALARM":
            text = f"The alarm {name} is in ALARM now: a push that is still so when it soaks undoes itself."
            yield Finding("warn", "alarm", text, "options.soak_alarms")
        elif alarm.state != "OK":
            text = f"The alarm {name} has too little data to tell ({alarm.state})."
            yield Finding("warn", "alarm-unknown", text, "options.soak_alarms")
