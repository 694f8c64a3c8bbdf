"""Times as people in a named time zone mean them, and as they read them: there and in UTC."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

EARLIEST, LATEST = 2000, 2199  # years within which every zone can be reckoned with
NO_ZONES = ("Factory", "localtime", "posixrules")  # what the database of zones holds beside zones


@cache
def names() -> tuple[str, ...]:
    """Every time zone that this machine knows, by its name in the IANA database; UTC first."""
    known = zoneinfo.available_timezones() - {"UTC", *NO_ZONES}
    return ("UTC", *sorted(name for name in known if not name.startswith(("posix/", "right/"))))


def zone(name: str) -> tzinfo:
    """The zone of that name. Raises ValueError with a sentence."""
    if name not in names():
        raise ValueError(f"There is no time zone {name!r}; write it as Europe/Berlin or UTC.")
    return UTC if name == "UTC" else ZoneInfo(name)


def instant(moment: datetime, where: tzinfo, *, later: bool = False) -> datetime:
    """The instant, in UTC, that a moment without a zone means there; one with a zone is taken as it is.

    Of a time that a change of the clocks brings twice, the earlier one is meant, or the `later`. Raises ValueError
    with a sentence for a time that is left out by such a change, and for a year that is surely a slip.
    """
    if not EARLIEST <= moment.year <= LATEST:
        raise ValueError(f"The year {moment.year} is surely a slip; years from {EARLIEST} to {LATEST} are known here.")
    if moment.tzinfo:
        return moment.astimezone(UTC)
    found = moment.replace(tzinfo=where, fold=int(later)).astimezone(UTC)
    if found.astimezone(where).replace(tzinfo=None) != moment:
        raise ValueError(f"{moment:%H:%M} does not exist there on {day(moment)}: the clocks go forward past it.")
    return found


def both(moment: datetime, name: str) -> str:
    """A moment in its zone and in UTC: "24 Dec 2026 18:00 Europe/Berlin (17:00 UTC)"."""
    utc = in_utc(moment, name)
    return f"{there(moment, name)} ({utc})" if utc else there(moment, name)


def there(moment: datetime, name: str) -> str:
    """A moment in its zone: "24 Dec 2026 18:00 Europe/Berlin"."""
    local = moment.astimezone(zone(name))
    return f"{day(local)} {local:%H:%M} {name}"


def in_utc(moment: datetime, name: str) -> str:
    """The same in UTC, with the day where it is another one: "17:00 UTC"; empty where its zone is UTC."""
    local, utc = moment.astimezone(zone(name)), moment.astimezone(UTC)
    if name == "UTC":
        return ""
    return f"{utc:%H:%M} UTC" if local.date() == utc.date() else f"{utc.day} {utc:%b %H:%M} UTC"


def day(moment: datetime) -> str:
    """The date: "24 Dec 2026"."""
    return f"{moment.day} {moment:%b %Y}"
