"""The steps of a bake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from apps.workflows.plans import PlannedStep

SOON = 600.0  # seconds that a call, and what it does at once, may take
IMAGE = 7200.0  # seconds that AWS may take for an image, or a copy


def plan(
    recipe: Mapping[str, Any], package: str, version: str, nonce: str, usual: Mapping[str, float] | None = None
) -> tuple[PlannedStep, ...]:
    """What a bake of this recipe, as it is frozen into the bake, does. `nonce` tells it from every other bake.

    `usual` are seconds that earlier bakes took for steps, by kind; of what it does not hold nothing is expected.
    """
    first = (check_step(package, version),) if recipe.get("check_first") else ()
    steps = (*first, *_steps(recipe, f"{package} {version}", nonce))
    return tuple(replace(step, expected_seconds=(usual or {}).get(step.kind)) for step in steps)


def check_step(package: str, version: str) -> PlannedStep:
    """The quick check of a package, by itself or before a bake."""
    what = f"{package} {version}"
    return PlannedStep("check-package", _cut(f"Check {what} in a throwaway root"), timeout_seconds=SOON)


def _steps(recipe: Mapping[str, Any], what: str, nonce: str) -> Iterator[PlannedStep]:
    place = {"environment": recipe["environment"], "region": recipe["region"], "nonce": nonce}
    base, copies = recipe["base_image"], list(recipe["copies"])
    yield PlannedStep(
        "launch-builder",
        _cut(f"Launch a builder from {base['name']} ({base['image_id']})"),
        place,
        (f"One {recipe['instance_type']} is launched from {base['image_id']}, and terminated at the end.",),
        timeout_seconds=SOON,
    )
    yield PlannedStep(
        "await-builder",
        _cut(f"Wait until it has installed {what}"),
        place,
        timeout_seconds=float(recipe["timeout_seconds"]),
    )
    yield PlannedStep(
        "create-image",
        f"Create the image in {recipe['region']}",
        place,
        ("An AMI is made of the builder.",),
        timeout_seconds=SOON,
    )
    yield PlannedStep("await-image", "Wait until the image is available", place, timeout_seconds=IMAGE)
    yield PlannedStep("end-builder", "Terminate the builder", place, timeout_seconds=SOON)
    if copies:
        yield from _copies(place, copies)
    yield PlannedStep("record-images", "Write down what was made", {**place, "copies": copies}, timeout_seconds=SOON)


def _copies(place: Mapping[str, Any], copies: list[str]) -> Iterator[PlannedStep]:
    params = {**place, "copies": copies}
    yield PlannedStep(
        "copy-images",
        _cut(f"Copy the image to {', '.join(copies)}"),
        params,
        tuple(f"A copy of the AMI is made in {region}." for region in copies),
        timeout_seconds=SOON,
    )
    yield PlannedStep("await-copies", "Wait until the copies are available", params, timeout_seconds=IMAGE)


def _cut(title: str) -> str:
    return title if len(title) <= 255 else f"{title[:254]}…"
