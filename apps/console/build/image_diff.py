"""What differs between two images, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.urls import reverse

from apps.console.pages.common import State
from apps.console.pages.image_diff import ChangeLine, ChangePart, CommitsPage, DiffPage, DiffSide
from apps.images.commits import Commits
from apps.images.selectors.diff import KINDS, Change, Changes, ImageDiff, Side

FIRST = 20  # lines that are shown of each part where the comparison is not the page itself
MARKS = {"downgraded": "attend"}  # the others are told by their word alone
MANAGERS = {
    "deb": "Debian packages",
    "rpm": "RPM packages",
    "python": "Python packages",
    "pip": "Python packages",
    "wheel": "Python packages",
}


def diff_page(diff: ImageDiff, *, whole: bool = False) -> DiffPage:
    """With all lines where it is the `whole` page, else with the first of each part."""
    found = [*diff.packages, *([diff.files] if diff.files else [])]
    return DiffPage(
        before=_side(diff.before),
        after=_side(diff.after),
        summary=_summary(diff, found),
        unknown=diff.unknown,
        facts=tuple(_facts(diff)),
        parts=tuple(_part(each, None if whole else FIRST) for each in found),
        builds=tuple(_builds(diff)),
        href=compared(diff.before.image_id, diff.after.image_id),
        commits=compared(diff.before.image_id, diff.after.image_id, "image-diff-commits"),
        whole=whole,
    )


def commits_page(diff: ImageDiff, found: Commits) -> CommitsPage:
    """The commits of a comparison."""
    gained, lost = found.added_total, found.removed_total
    said = [f"{_counted(gained, 'commit')} more"] if gained else []
    said += [f"{_counted(lost, 'commit')} taken back"] if lost else []
    tickets = f", with {_counted(len(found.tickets), 'ticket')}" if found.tickets else ""
    missing = gained + lost - len(found.added) - len(found.removed)
    return CommitsPage(
        before=_side(diff.before),
        after=_side(diff.after),
        href=compared(diff.before.image_id, diff.after.image_id),
        found=found,
        summary=f"{' and '.join(said)}{tickets}." if said else "No commit lies between them.",
        cut=f"Not listed: {_counted(missing, 'older commit')}." if missing > 0 else "",
    )


def compared(before: str, after: str, name: str = "image-diff") -> str:
    """The address of the comparison of two AMIs, or of a part of it."""
    return f"{reverse(f'console:{name}', args=[after])}?{urlencode({'against': before})}"


def _side(side: Side) -> DiffSide:
    title = " ".join(filter(None, [side.application, side.version])) or side.image_id
    return DiffSide(side.image_id, title, reverse("console:image", args=[side.image_id]) if side.listed else "")


def _summary(diff: ImageDiff, found: Sequence[Changes]) -> str:
    """How much changes, in one sentence; empty where nothing of it is known."""
    count = sum(len(each.changes) for each in diff.packages)
    said = [_counted(count, "package")] if count else []
    said += [_counted(len(diff.files.changes), "configuration file")] if diff.files and diff.files.changes else []
    said += ["the base image"] if diff.base_changed else []
    if not said:
        same = sum(each.unchanged for each in found)
        return f"No package and no configuration file differs ({same} are the same)." if diff.compared else ""
    listed = " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    one = len(said) == 1 and not said[0].endswith("s")
    return f"{listed[0].upper()}{listed[1:]} {'differs' if one else 'differ'}."


def _facts(diff: ImageDiff) -> Iterator[tuple[str, str, str]]:
    for value in diff.values:
        yield value.name, value.before, value.after
    if diff.base_changed:
        yield "Base image", _base(diff.before), _base(diff.after)


def _builds(diff: ImageDiff) -> Iterator[tuple[str, str]]:
    """Where the builds are told: addresses that CI gave, of which only those of the web are followed."""
    for side in (diff.before, diff.after):
        if side.build_url.startswith(("https://", "http://")):
            yield f"Build {side.build or side.version}", side.build_url


def _base(side: Side) -> str:
    return f"{side.base} ({side.base_image})" if side.base else side.base_image


def _part(found: Changes, most: int | None) -> ChangePart:
    files = found.of == "files"
    title = "Configuration files" if files else MANAGERS.get(found.of, f"Packages of {found.of or 'no manager'}")
    return ChangePart(
        title=title,
        counts=_counts(found),
        lines=tuple(map(_line, found.changes[:most])),
        more=len(found.changes[most:]) if most else 0,
        versions=not files,
    )


def _counts(found: Changes) -> str:
    counted = [f"{found.count(kind)} {kind}" for kind in KINDS if found.count(kind)]
    return ", ".join([*counted, f"{found.unchanged} unchanged"])


def _line(change: Change) -> ChangeLine:
    return ChangeLine(State(MARKS.get(change.kind, ""), change.kind), change.name, change.before, change.after)


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
