"""Scheduled actions: setting one, new or changed, and deleting one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.cloud.values import GroupExtras, GroupState
from apps.deployments.carry.rewrite import plain
from apps.deployments.carry.tables import SCHEDULE
from apps.deployments.errors import Invalid
from apps.deployments.operations.base import Operation, cut, nothing, register, stands_by, where
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

MEMBERS = {
    "recurrence": "Recurrence",
    "time_zone": "TimeZone",
    "start": "StartTime",
    "end": "EndTime",
    "min": "MinSize",
    "desired": "DesiredCapacity",
    "max": "MaxSize",
}
SIZES = ("MinSize", "DesiredCapacity", "MaxSize")
CRON_FIELDS = 5
TIME = "A time in UTC, as 2027-01-31T18:00:00Z."


@dataclass(frozen=True)
class Action:
    """An empty one stays as it is; of a new action it is not set."""

    schedule: str = option("", "Scheduled action", "Its name; a new one makes a new action.")
    recurrence: str = option(
        "", "Recurrence", "Cron: minute, hour, day, month, weekday, as 0 18 * * 5. Empty: once, at its start."
    )
    time_zone: str = option("", "Time zone", "Of the recurrence, as Europe/Berlin. Empty: UTC.")
    start: str = option("", "Start", TIME)
    end: str = option("", "End", f"When it recurs no more. {TIME}")
    min: int | None = option(None, "Min", minimum=0, maximum=10_000)
    desired: int | None = option(None, "Desired", minimum=0, maximum=10_000)
    max: int | None = option(None, "Max", minimum=0, maximum=10_000)


@dataclass(frozen=True)
class Named:
    schedule: str = option("", "Scheduled action", "Its name.")


def current(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    """Of the action named `part`; where none is named, or none is called so, which there are."""
    del group
    found = next((each for each in extras.scheduled_actions if each["ScheduledActionName"] == part), None)
    if found is None:
        return {
            "schedule": ", ".join(sorted(each["ScheduledActionName"] for each in extras.scheduled_actions)) or "none"
        }
    return {field: str(found[member]) for field, member in MEMBERS.items() if found.get(member) is not None}


def put(situation: Situation, group: GroupState, options: Action) -> Preview:
    """What is not named stays, of an action that is there already."""
    name = _name(options.schedule)
    now = _known(situation, name)
    asked = {member: value for field, member in MEMBERS.items() if (value := getattr(options, field)) not in ("", None)}
    for field in ("start", "end"):
        if MEMBERS[field] in asked:
            asked[MEMBERS[field]] = _time(field, asked[MEMBERS[field]], situation.read_at)
    wanted = {**(now or {"ScheduledActionName": name}), **asked}
    _check(wanted)
    was = now or {}
    words = [f"{member} {_word(was, member)}{wanted[member]}" for member in asked if was.get(member) != wanted[member]]
    verb = "Change" if now else "Set"
    sentence = f"{verb} the scheduled action {name} of {group.name}: {', '.join(words) or 'nothing'}"
    step = _step(situation, group, name, wanted, sentence, f"PutScheduledUpdateGroupAction: {', '.join(words)}")
    findings = (*stands_by(situation, group), *(() if words else (nothing(group, f"has {name} so"),)))
    least = min([group.desired, *(wanted[each] for each in SIZES[1:] if wanted.get(each) is not None)])
    sized = {"from_size": group.desired, "to_size": least}
    return Preview(sentence, (step,) if words else (), findings, from_group=group.name, **sized)


def delete(situation: Situation, group: GroupState, options: Named) -> Preview:
    """It no longer changes the group's size."""
    name = _name(options.schedule)
    if _known(situation, name) is None:
        raise Invalid({"options.schedule": [_unknown(situation, group, name)]})
    sentence = f"Delete the scheduled action {name} of {group.name}"
    step = _step(situation, group, name, None, sentence, f"DeleteScheduledAction: {name} of {group.name}")
    return Preview(sentence, (step,), (), from_group=group.name)


def _step(
    situation: Situation, group: GroupState, name: str, wanted: Mapping[str, Any] | None, title: str, change: str
) -> PlannedStep:
    params = {**where(situation, group), "name": name, "wanted": dict(wanted) if wanted else None}
    return PlannedStep("set-schedule", cut(title), params, (change,), expected_seconds=1)


def _name(given: str) -> str:
    """Raises Invalid where none is named."""
    if not given.strip():
        raise Invalid({"options.schedule": ["Name the scheduled action."]})
    return given.strip()


def _known(situation: Situation, name: str) -> dict[str, Any] | None:
    """The action of this name as it would be put now; of one that recurs AWS shows as its start when it runs next."""
    for each in situation.extras.scheduled_actions:
        if each["ScheduledActionName"] == name:
            payload: dict[str, Any] = plain(SCHEDULE.payload(each))
            return {key: value for key, value in payload.items() if key != "StartTime" or "Recurrence" not in payload}
    return None


def _unknown(situation: Situation, group: GroupState, name: str) -> str:
    names = sorted(each["ScheduledActionName"] for each in situation.extras.scheduled_actions)
    return f"{group.name} has no scheduled action {name}; it has {', '.join(names) or 'none'}."


def _time(field: str, text: str, now: datetime) -> str:
    """The time in UTC, as it is sent. Raises Invalid for what is none, or has passed."""
    try:
        given = datetime.fromisoformat(text)
        at = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Invalid({f"options.{field}": [f"{text!r} is no time. {TIME}"]}) from None
    if at <= now:
        raise Invalid({f"options.{field}": [f"{text} has passed."]})
    return at.isoformat()


def _check(wanted: Mapping[str, Any]) -> None:
    """Raises Invalid where AWS would refuse it, naming the option."""
    for field, text in _problems(wanted):
        raise Invalid({f"options.{field}": [text]})


def _problems(wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    recurrence, zone = wanted.get("Recurrence", ""), wanted.get("TimeZone", "")
    if not recurrence and not wanted.get("StartTime"):
        yield "recurrence", "Say when: a recurrence, or a start."
    if recurrence and len(recurrence.split()) != CRON_FIELDS:
        yield "recurrence", f"{recurrence!r} has not five fields: minute, hour, day, month, weekday, as 0 18 * * 5."
    if zone and not _is_zone(zone):
        yield "time_zone", f"There is no time zone {zone}; they are called as Europe/Berlin."
    if all(wanted.get(member) is None for member in SIZES):
        yield "desired", "Say what it sets: min, desired or max."
    known = ((field, wanted.get(MEMBERS[field])) for field in ("min", "desired", "max"))
    for (low, less), (high, more) in pairwise((field, value) for field, value in known if value is not None):
        if less > more:
            yield low, f"{low} can be at most {high}, {more}."
    if wanted.get("EndTime") and wanted["EndTime"] <= wanted.get("StartTime", ""):
        yield "end", "It must end after its start."


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _word(was: Mapping[str, Any], member: str) -> str:
    return f"{was[member]} → " if was.get(member) is not None else ""


register(
    Operation(
        "schedule",
        "Set a scheduled action",
        "Sets sizes at a time, once or again and again.",
        Action,
        put,
        reads_extras=True,
        makes="ScheduledUpdateGroupAction",
        current=current,
    )
)
register(
    Operation(
        "delete-schedule",
        "Delete a scheduled action",
        "It no longer changes the group's size.",
        Named,
        delete,
        reads_extras=True,
        current=current,
    )
)
