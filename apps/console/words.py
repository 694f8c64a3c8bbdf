"""Times and numbers as a person would say them."""

from __future__ import annotations

from datetime import UTC, datetime

from apps.workflows.counting import many

MINUTE, HOUR, DAY = 60, 3600, 86_400


def duration(seconds: float) -> str:
    """Seconds in at most two units: "0.4 s", "48 s", "3 min 20 s", "2 h 5 min", "3 days 4 h"."""
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return _two(whole, MINUTE, "min", 1, "s")
    if whole < DAY:
        return _two(whole, HOUR, "h", MINUTE, "min")
    return _two(whole, DAY, "day" if whole < 2 * DAY else "days", HOUR, "h")


def _two(seconds: int, unit: int, name: str, below: int, below_name: str) -> str:
    first, rest = divmod(seconds, unit)
    second = rest // below
    return f"{first} {name} {second} {below_name}" if second else f"{first} {name}"


def coarse(seconds: float) -> str:
    """Seconds in one unit: "12 s", "5 min", "3 h", "8 days"."""
    seconds = max(seconds, 0.0)
    if seconds < MINUTE:
        return f"{int(seconds)} s"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h"
    days = int(seconds // DAY)
    return many(days, "day")


def ago(seconds: float) -> str:
    """How long ago, in one unit; "in 5 min" when it is yet to come."""
    if seconds < -1:
        return f"in {coarse(-seconds)}"
    return "just now" if seconds < 2 else f"{coarse(seconds)} ago"


def clock(moment: datetime, now: datetime) -> str:
    """The time of day; with the day where it is another one than `now`'s."""
    if moment.date() == now.date():
        return moment.strftime("%H:%M")
    return f"{moment.day} {moment.strftime('%b %H:%M')}"


def instant(moment: datetime) -> str:
    """A moment within a sentence, exact: where the sentence is drawn it becomes a time of the reader's zone."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def first_clause(sentence: str) -> str:
    """The beginning of a long sentence, for lists and headlines: "2 of 3 healthy; i-0ab answers 503." loses its end."""
    head, semicolon, _ = sentence.partition("; ")
    return f"{head.rstrip('.')}." if semicolon else sentence


def plain(value: object) -> str:
    """A chosen value as text: "yes" for true, numbers without trailing zeros."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
