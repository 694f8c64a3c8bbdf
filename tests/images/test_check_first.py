"""A bake that begins with a check of its package."""

from __future__ import annotations

from tests.faults.workers import carry_on
from tests.images.kitchen import Kitchen


def test_a_bake_that_begins_with_a_check_ends_with_it_before_any_builder(kitchen: Kitchen) -> None:
    kitchen.recipe(options={"commands": "echo the shelf is empty >&2; exit 3"}, check_first=True, check_root="host")
    made = kitchen.bake()
    assert made.run.steps.earliest("position").kind == "check-package"
    run = carry_on(made)
    made.refresh_from_db()
    assert run.state == "undone"
    assert "The package check failed. api 1.0.0 could not be installed (status 3). It says: the shelf" in run.failure
    assert "the shelf is empty" in made.log
    assert made.builder == ""
    kitchen.nothing_is_left()
