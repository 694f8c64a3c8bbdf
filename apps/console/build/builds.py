"""The list of builds and the page of one, from rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.urls import reverse

from apps.console.build.bakes import bake_line
from apps.console.build.history import history_line
from apps.console.build.image import KINDS as DOES
from apps.console.build.image import STATES, use_line
from apps.console.pages.build import BuildLine, BuildPage, FoundIn, GateLine
from apps.console.pages.common import State
from apps.deployments import selectors as deployments
from apps.images.models import Build, Gate
from apps.images.selectors import builds
from apps.images.selectors.builds import GoneTo

KINDS = {
    Gate.Outcome.PASSED: "serve",
    Gate.Outcome.FAILED: "fail",
    Gate.Outcome.RUNNING: "move",
    Gate.Outcome.SKIPPED: "rest",
}
WORST = ("fail", "move", "rest", "serve")  # what a build's sentence says first
HISTORY = 10


def build_lines(rows: Iterable[Build]) -> tuple[BuildLine, ...]:
    """A line each; their applications and gates must be loaded. Four queries for all of them."""
    rows = list(rows)
    gone = builds.gone_of(rows)
    return tuple(
        BuildLine(
            id=row.pk,
            application=row.application.name,
            package=row.package,
            version=row.version,
            number=row.number,
            branch=row.branch,
            commit=row.commit,
            gates=_gates(row),
            at=row.created_at,
            images=len(gone[row.pk].image_ids),
            href=_images_of(row, gone[row.pk]),
            does=tuple(_does(gone[row.pk])),
        )
        for row in rows
    )


def _images_of(row: Build, gone: GoneTo) -> str:
    """Where its images are told: all of them, since not every one that was made is known to an environment yet."""
    return f"{reverse('console:build', args=[row.pk])}#gone-title" if gone.image_ids else ""


def _does(gone: GoneTo) -> Iterator[tuple[State, str]]:
    """What is done with it in each environment and region, the weightiest alone and first."""
    for place in gone.places:
        yield State(DOES[place.does], place.does), f"{place.environment} {place.region}"


def build_page(row: Build) -> BuildPage:
    """One build, with where it has gone since."""
    gone, gates = builds.gone_to(row), _gates(row)
    pushed = deployments.deployments().filter(to_image__in=gone.image_ids)[:HISTORY]
    return BuildPage(
        id=row.pk,
        title=f"{row.package} {row.version}",
        application=row.application.name,
        sentence=_sentence(gates),
        facts=tuple((name, value) for name, value in _facts(row) if value),
        ci_url=row.url,
        gates=gates,
        changelog=row.changelog,
        at=row.created_at,
        bakes=tuple(map(bake_line, gone.bakes)),
        images=tuple(_images(gone)),
        uses=tuple(map(use_line, gone.uses)),
        deployments=tuple(map(history_line, pushed)),
    )


def _gates(row: Build) -> tuple[GateLine, ...]:
    return tuple(
        GateLine(gate.name, _outcome(Gate.Outcome(gate.outcome)), gate.url, gate.says, gate.updated_at)
        for gate in row.gates.all()
    )


def _outcome(outcome: Gate.Outcome) -> State:
    return State(KINDS[outcome], str(outcome.label).lower())


def _sentence(gates: Sequence[GateLine]) -> State:
    """How its gates ended, the worst first."""
    if not gates:
        return State("wait", "No gate of it was reported yet.")
    words: dict[str, list[str]] = {}
    for gate in sorted(gates, key=lambda each: WORST.index(each.state.kind)):
        words.setdefault(gate.state.word, []).append(gate.name)
    said = "; ".join(f"{word}: {', '.join(names)}" for word, names in words.items())
    kind = min((gate.state.kind for gate in gates), key=WORST.index)
    return State(kind, f"{said[:1].upper()}{said[1:]}.")


def _facts(row: Build) -> Iterator[tuple[str, str]]:
    yield "Package", row.package
    yield "Version", row.version
    yield "Build", row.number
    yield "Commit", row.commit
    yield "Branch", row.branch
    yield "Reported by", row.reported_by


def _images(gone: GoneTo) -> Iterator[FoundIn]:
    """Those that environments know, then those that none does yet."""
    for row in gone.images:
        state = State(STATES.get(row.state, "rest"), row.state)
        yield FoundIn(row.image_id, row.environment.name, row.region, state, row.created_at)
    known = {row.image_id for row in gone.images}
    for image_id in gone.image_ids:
        if image_id not in known:
            yield FoundIn(image_id, "", "", State("wait", "not read yet"), None)
