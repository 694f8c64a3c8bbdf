"""A sample of the matrix, by default the same in each run; `make matrix` runs all of it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from apps.deployments.models import Deployment
from apps.images import services as images
from apps.images.models import Bake
from tests.faults import operations
from tests.faults.calls import distinct, lateness
from tests.faults.cells import Cell, Lab
from tests.faults.faults import FAULTS

SEED = int(os.environ["MATRIX_SEED"])  # the sample; tests.plugin chooses one
OTHERS = 4  # operations beside a push and a rollback
CHANGES, READS = 3, 2  # cells of each operation: at changing calls, at reads


def sampled() -> list[str]:
    """A push and a rollback always, and some others, by the seed: one of each kind that is no deployment among them."""
    always = [operations.plainest(kind) for kind in ("push", "rollback")]
    order = random.Random(SEED)  # noqa: S311 -- a choice, not a secret
    of_row: dict[str, list[str]] = {}
    for slug, operation in operations.all().items():
        of_row.setdefault(operation.row.__name__, []).append(slug)
    deployments = [slug for slug in of_row.pop(Deployment.__name__) if slug not in always]
    beside = [order.choice(slugs) for _, slugs in sorted(of_row.items())]
    return [*always, *beside, *order.sample(deployments, OTHERS - len(beside))]


def test_every_operation_that_the_console_can_start_is_in_the_matrix() -> None:
    assert list(operations.missing()) == []


def test_one_that_comes_later_and_is_not_in_the_matrix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def paint() -> Bake | None: ...

    def preview_paint() -> Bake | None: ...

    def paint_due() -> int: ...

    def name_paint() -> str: ...

    added = [paint, preview_paint, paint_due, name_paint]
    for each in added:
        monkeypatch.setattr(images, each.__name__, each, raising=False)
    monkeypatch.setattr(images, "__all__", [*images.__all__, *(each.__name__ for each in added)])
    assert list(operations.missing()) == ["the service images.paint", "the service images.paint_due"]


def test_what_has_a_run_of_its_own_and_no_operation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        operations, "_operations", {slug: replace(each, row=Deployment) for slug, each in operations.all().items()}
    )
    rows = ("Bake", "PackageCheck", "Promotion")
    assert list(operations.missing()) == [f"an operation that answers a {row}" for row in rows]


@pytest.mark.parametrize("slug", sampled())
def test_a_sample_of_faults_is_survived_by(slug: str, lab: Lab) -> None:
    cells = list(lab.cells(slug))
    if not operations.all()[slug].calls:
        assert (cells, lab.reference(slug).calls) == ([], ()), (
            "its run, as recorded, shows that there is nothing to strike"
        )
    if slug == operations.plainest(operations.all()[slug].kind):
        assert len(cells) >= _fewest(lab, slug)
    order = random.Random(f"{SEED} {slug}")  # noqa: S311 -- a choice, not a secret
    changes = [cell for cell in cells if cell.call.changing]
    reads = [cell for cell in cells if not cell.call.changing]
    some = [*order.sample(changes, min(CHANGES, len(changes))), *order.sample(reads, min(READS, len(reads)))]
    assert list(_failures(lab, sorted(some, key=lambda cell: lateness(cell.call)))) == []


def test_that_an_operation_makes_no_call_is_asked_of_its_recorded_run(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that says so and makes some, and one that makes none and does not say so, fail in their only cell."""
    known = operations.all()
    quiet = next(each for each in known.values() if not each.calls)
    for meant in (quiet, known["change-resize"]):
        lying = replace(meant, slug=f"{meant.slug}-misjudged", calls=not meant.calls)
        monkeypatch.setitem(operations._operations, lying.slug, lying)
        (only,) = lab.cells(lying.slug)
        (failure,) = lab.run(only).failures
        assert f"{lying.slug} makes these calls of AWS: " in failure


def _fewest(lab: Lab, slug: str) -> int:
    """Calls x faults: what applies to every read, and to every change."""
    calls = list(distinct(lab.reference(slug).calls))
    changes = sum(call.changing for call in calls)
    everywhere = [fault for fault in FAULTS.values() if fault.reads and fault.changes]
    at_reads = [fault for fault in everywhere if fault.name != "stale" and not fault.name.startswith("stop-")]
    return changes * sum(fault.changes for fault in FAULTS.values()) + (len(calls) - changes) * len(at_reads)


def _failures(lab: Lab, cells: Iterable[Cell]) -> Iterable[str]:
    for cell in cells:
        result = lab.run(cell)
        if result.failures:
            yield f'make matrix ARGS="--seed {SEED} --cell {cell}": {"; ".join(result.failures)}'
