"""The pages of user data from rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apps.console.pages.user_data import Compared, SpotLine, UserDataPage, VersionLine
from apps.inventory.models import Application, UserData
from apps.inventory.selectors import user_data as selectors
from apps.inventory.selectors.user_data import Spot
from apps.inventory.user_data import Template, Unrenderable, known
from apps.inventory.user_data.leaks import suspects
from apps.inventory.user_data.lines import counted, side_by_side

NEWEST = 50  # versions that the page lists
NONE = "It has no template: user data stays as it is in the launch templates of its groups."


def user_data_page(application: Application) -> UserDataPage:
    """What everybody may know of it."""
    rows = list(selectors.versions(application.name)[:NEWEST])
    holds = rows[0] if rows and rows[0].text else None
    template = selectors.as_template(holds) if holds else None
    return UserDataPage(
        application=application.name,
        state=f"Version {holds.number}, by {holds.actor}: {holds.reason}" if holds else NONE,
        number=holds.number if holds else 0,
        warnings=suspects(template) if template else (),
        spots=tuple(_spots(template, selectors.spots(application))) if template else (),
        versions=tuple(map(_version, rows)),
        known=known(),
    )


def compared(title: str, before: tuple[str, str], after: tuple[str, str]) -> Compared:
    """Of two texts, each with what it is called."""
    (one, old), (other, new) = before, after
    count = counted(old, new)
    words = f"{count.words[0].upper()}{count.words[1:]}." if count else "No line differs."
    return Compared(title, one, other, side_by_side(old, new), words)


def in_lines(row: UserData) -> str:
    """A version as one text, its variables behind it, so that two can be compared."""
    told = [f"{name} in {environment}: {value}" for environment, name, value in _each(row.variables)]
    return "\n".join([row.text.rstrip("\n"), "", f"prefix: {row.prefix or 'none'}", *told])


def _each(variables: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for environment, own in sorted(variables.items()):
        for name, value in sorted(own.items()):
            yield environment, name, value


def _spots(template: Template, places: Sequence[Spot]) -> Iterator[SpotLine]:
    first: str | None = None
    for place in places:
        try:
            text = template.render(place.identity)
        except Unrenderable as error:
            yield _line(place, str(error), "", problem=True)
            continue
        differs = "the others are compared with this one" if first is None else _differs(first, text)
        first = text if first is None else first
        yield _line(place, f"{len(text.encode())} bytes", differs)


def _differs(first: str, text: str) -> str:
    count = counted(first, text)
    return count.words if count else "the same"


def _line(place: Spot, size: str, differs: str, *, problem: bool = False) -> SpotLine:
    return SpotLine(place.key, place.environment, place.region, place.cluster, size, differs, problem)


def _version(row: UserData) -> VersionLine:
    named = [f"{name}: {', '.join(sorted(own))}" for name, own in sorted(row.variables.items())]
    size = f"{len(row.text.encode())} bytes" if row.text else "taken away"
    return VersionLine(row.number, row.actor, row.created_at, row.reason, size, "; ".join(named))
