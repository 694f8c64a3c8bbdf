"""An application's recipe as facts, the usual ones; and its latest bakes."""

from __future__ import annotations

from collections.abc import Iterator

from apps.console.build.bakes import bake_line
from apps.console.pages.bakes import BakeLine
from apps.images import provisioners, selectors
from apps.images.models import Recipe
from apps.inventory.models import Application

LATEST = 5  # bakes


def recipe_facts(application: Application) -> tuple[tuple[str, str], ...]:
    """What its recipe says; nothing where it has none."""
    recipe = selectors.recipe_of(application.name)
    return tuple((name, value) for name, value in _facts(recipe) if value) if recipe else ()


def latest_bakes(application: Application) -> tuple[BakeLine, ...]:
    """The newest first."""
    rows = selectors.bakes().prefetch_related(None).filter(application=application)
    return tuple(bake_line(row) for row in rows[:LATEST])


def _facts(recipe: Recipe) -> Iterator[tuple[str, str]]:
    known = provisioners.all().get(recipe.provisioner)
    yield "Package", recipe.package or recipe.application.name
    yield "Installed by", known.title if known else recipe.provisioner
    yield "From", recipe.repository
    yield "Upon", f"{recipe.base}, {recipe.base_pinned or 'the latest approved'}, {recipe.architecture}"
    yield "Made in", f"{recipe.environment.name} {recipe.region}"
    yield "Copied to", ", ".join(recipe.copies)
    yield "Gates", ", ".join(recipe.gates)
    yield "Source", recipe.git
    yield "Builder", recipe.instance_type
    asked = f"GET {recipe.check_path} on port {recipe.check_port}" if recipe.check_path else ""
    checked = " and ".join(filter(None, (asked, recipe.check_command)))
    yield "Checked by", f"{checked or 'installing it'}{', before each bake' if recipe.check_first else ''}"
