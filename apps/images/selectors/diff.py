"""What differs between two images: versions, base image, packages, configuration files; and what nobody knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from apps.cloud.tags import RUN_TAG
from apps.images.models import Bake, BakedImage, BaseImage, Manifest
from apps.images.versions import newer
from apps.inventory.models import Image

Kind = Literal["upgraded", "downgraded", "changed", "added", "removed"]
KINDS: tuple[Kind, ...] = ("upgraded", "downgraded", "changed", "added", "removed")  # in which they are told
BASE_TAGS = ("base_image", "base_ami_id")  # as a bake writes it, and as Aminator did
# tags that are told as something else, or differ of any two bakes
SAID_ELSEWHERE = frozenset({*BASE_TAGS, "version", "commit", "build", "appversion", "application", "Name"})
OF_THE_BAKE = frozenset({"base_name", "base_version", "creator", "created_at", RUN_TAG})
Names = Mapping[str, str]


@dataclass(frozen=True)
class Side:
    """One of two images; what is not known is empty. `manifest` is whether it is known what is installed in it."""

    image_id: str
    known: bool  # it was baked here, or is listed
    listed: bool  # an environment knows it, or once did
    application: str = ""
    version: str = ""
    commit: str = ""
    build: str = ""
    build_url: str = ""
    architecture: str = ""
    bake: int | None = None
    base_image: str = ""  # AMI id
    base: str = ""  # what people call it, e.g. "debian-12 2026.11"
    manifest: bool = False

    @property
    def title(self) -> str:
        """What a sentence calls it."""
        return f"{self.version} ({self.image_id})" if self.version else self.image_id


@dataclass(frozen=True)
class Change:
    """A package or a configuration file. `before` and `after` are versions, empty for files and where it is not.

    `changed` is a version of which nobody can say whether it is the newer.
    """

    kind: Kind
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Changes:
    """What changed of one package manager's packages, or of the configuration files, by kind, then by name."""

    of: str  # the manager, e.g. "deb"; "files"
    changes: tuple[Change, ...]
    unchanged: int

    def count(self, kind: Kind) -> int:
        """How many of them are of a kind."""
        return sum(change.kind == kind for change in self.changes)


@dataclass(frozen=True)
class Value:
    """An attribute or tag that differs; empty where an image has it not."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ImageDiff:
    """All that is known to differ; `unknown` says in sentences what is not known. Ready for JSON by `asdict`."""

    before: Side
    after: Side
    base_changed: bool | None  # None: not known
    values: tuple[Value, ...]
    packages: tuple[Changes, ...]  # by manager; those alone that have packages
    files: Changes | None  # None: not known
    unknown: tuple[str, ...]

    @property
    def compared(self) -> bool:
        """Whether it is known of both what is installed."""
        return self.before.manifest and self.after.manifest


def image_diff(before: str, after: str) -> ImageDiff:
    """What differs from the AMI `before` to the AMI `after`. At most 3 queries."""
    ids = {before, after}
    rows, bakes = _told(ids), _baked(ids)
    bases = _bases({*(bake.base_image for bake in bakes.values()), *(_base_tag(row) for row in rows.values())} - {""})
    old, new = (_side(each, rows.get(each), bakes.get(each), bases) for each in (before, after))
    first, second = (_manifest(bakes.get(each)) for each in (before, after))
    known = first is not None and second is not None
    return ImageDiff(
        before=old,
        after=new,
        base_changed=old.base_image != new.base_image if old.base_image and new.base_image else None,
        values=tuple(_values(old, new, rows)),
        packages=tuple(_packages(first.packages, second.packages)) if first and second else (),
        files=_files(first.files, second.files) if first and second else None,
        unknown=tuple(_unknown(old, new, known=known)),
    )


def _told(ids: set[str]) -> dict[str, Image]:
    """Of each AMI the row that tells most, also of those that are gone: only its owner sees an AMI's tags."""
    found: dict[str, Image] = {}
    for row in Image.objects.filter(image_id__in=ids).order_by("id"):
        best = found.get(row.image_id)
        if best is None or _telling(row) > _telling(best):
            found[row.image_id] = row
    return found


def _telling(row: Image) -> tuple[bool, bool, bool]:
    return (bool(row.version), row.gone_at is None, row.source == Image.Source.OWNED)


def _baked(ids: set[str]) -> dict[str, Bake]:
    rows = BakedImage.objects.filter(image_id__in=ids)
    joined = rows.select_related("bake__application", "bake__build", "bake__manifest")
    return {row.image_id: row.bake for row in joined}


def _bases(ids: set[str]) -> dict[str, str]:
    """What each base image is called; one query, none where no base image is known."""
    rows = BaseImage.objects.filter(image_id__in=ids).order_by("id") if ids else ()
    return {row.image_id: f"{row.name} {row.version}".strip() for row in rows}


def _base_tag(row: Image) -> str:
    return next((str(row.tags[name]) for name in BASE_TAGS if row.tags.get(name)), "")


def _manifest(bake: Bake | None) -> Manifest | None:
    return bake.manifest if bake else None


def _side(image_id: str, row: Image | None, bake: Bake | None, bases: Names) -> Side:
    """By its tags; by its bake, where these do not tell."""
    build = bake.build if bake else None
    base = (bake.base_image if bake else "") or (_base_tag(row) if row else "")
    told = (row.application, row.version, row.commit, row.build) if row else ("", "", "", "")
    by_bake = (bake.application.name, bake.version) if bake else ("", "")
    by_build = (build.commit, build.number, build.url) if build else ("", "", "")
    return Side(
        image_id=image_id,
        known=bool(row or bake),
        listed=row is not None,
        application=told[0] or by_bake[0],
        version=told[1] or by_bake[1],
        commit=by_build[0] or told[2],  # CI tells all of its digits
        build=told[3] or by_build[1],
        build_url=by_build[2],
        architecture=row.architecture if row else bake.architecture if bake else "",
        bake=bake.pk if bake else None,
        base_image=base,
        base=bases.get(base, ""),
        manifest=_manifest(bake) is not None,
    )


def _values(old: Side, new: Side, rows: Mapping[str, Image]) -> Iterator[Value]:
    """Attributes, then tags; these of images that are both known alone, for others lack them all."""
    for name in ("application", "version", "commit", "build", "architecture"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Value(name.capitalize(), before, after)
    if old.listed and new.listed:
        tags = [rows[side.image_id].tags for side in (old, new)]
        for name in sorted({*tags[0], *tags[1]} - SAID_ELSEWHERE - OF_THE_BAKE):
            before, after = (str(each.get(name, "")) for each in tags)
            if before != after:
                yield Value(f"Tag {name}", before, after)


def _packages(before: Names, after: Names) -> Iterator[Changes]:
    old, new = _by_manager(before), _by_manager(after)
    for manager in sorted({*old, *new}):
        yield _changes(manager, old.get(manager, {}), new.get(manager, {}))


def _by_manager(packages: Names) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for key, version in packages.items():
        manager, _, name = key.partition(":")
        found[manager][name] = str(version)
    return found


def _changes(manager: str, before: Names, after: Names) -> Changes:
    differ = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    found = (_change(manager, name, before.get(name), after.get(name)) for name in differ)
    return Changes(manager, _ordered(found), len({*before, *after}) - len(differ))


def _change(manager: str, name: str, before: str | None, after: str | None) -> Change:
    if before is None or after is None:
        return Change("added" if before is None else "removed", name, before or "", after or "")
    kinds: dict[bool | None, Kind] = {True: "upgraded", False: "downgraded", None: "changed"}
    return Change(kinds[newer(manager, before, after)], name, before, after)


def _files(before: Names, after: Names) -> Changes:
    differ = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    kinds: Iterator[Kind] = (
        "added" if path not in before else "removed" if path not in after else "changed" for path in differ
    )
    found = (Change(kind, path) for kind, path in zip(kinds, differ, strict=True))
    return Changes("files", _ordered(found), len({*before, *after}) - len(differ))


def _ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (KINDS.index(change.kind), change.name)))


def _unknown(old: Side, new: Side, *, known: bool) -> Iterator[str]:
    """What is not known, each thing in one sentence."""
    sides = (old, new)
    for side in sides:
        if not side.known:
            yield f"No environment knows {side.image_id}, and it was not baked here."
    if not known:
        yield f"Which packages and files differ is not known: {' and '.join(_why(s) for s in sides if not s.manifest)}."
    without = [side.title for side in sides if not side.base_image]
    if without:
        made = "was made" if len(without) == 1 else "were made"
        yield f"Upon which base image {' and '.join(without)} {made} is not known."


def _why(side: Side) -> str:
    """Why it is not known what is installed."""
    return f"{side.title} {'was not baked here' if side.bake is None else 'has a bake that recorded no manifest'}"
