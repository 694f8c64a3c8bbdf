"""Recurrences as Unix's cron writes them: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 7, _DAYS))
_HORIZON = 366 * 5  # days in which every date that exists comes at least once


@dataclass(frozen=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # Sunday is 0
    either: bool  # days and weekdays are both restricted: then one of them is enough

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first time after `moment` (aware), in UTC; None when there is none, as for 31 February."""
        local = moment.astimezone(zone)
        for offset in range(_HORIZON):
            date = local.date() + timedelta(days=offset)
            if not self._on(date.day, date.month, (date.weekday() + 1) % 7):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = datetime(date.year, date.month, date.day, hour, minute, tzinfo=zone).astimezone(UTC)
                    if found > moment:
                        return found
        return None

    def _on(self, day: int, month: int, weekday: int) -> bool:
        if month not in self.months:
            return False
        if self.either:
            return day in self.days or weekday in self.weekdays
        return day in self.days and weekday in self.weekdays


def parse(text: str) -> Cron:
    """Raises ValueError, with a sentence, for what is no recurrence."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"'{text}' has {len(fields)} fields, not 5")
    minutes, hours, days, months, weekdays = (
        _values(field, *about) for field, about in zip(fields, _FIELDS, strict=True)
    )
    return Cron(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(one % 7 for one in weekdays),
        either=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )


def _values(field: str, low: int, high: int, names: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if first == "*" else _number(first, low, names)
        end = high if first == "*" or (step and not last) else _number(last or first, low, names)
        every = int(step) if step.isdigit() else 1
        if not low <= begin <= end <= high or every < 1 or (step and not step.isdigit()):
            raise ValueError(f"'{part}' is not within {low} to {high}")
        found.update(range(begin, end + 1, every))
    return frozenset(found)


def _number(text: str, low: int, names: tuple[str, ...]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + low
    if not text.isdigit():
        raise ValueError(f"'{text}' is not a number")
    return int(text)
