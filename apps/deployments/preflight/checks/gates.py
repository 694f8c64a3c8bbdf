"""Whether the build in the image passed the gates that its application asks for."""

from __future__ import annotations

from collections.abc import Iterator

from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

NOT_PASSED = overridable("gates-not-passed")
UNKNOWN_BUILD = overridable("unknown-build")


@check("gates", "whether the build in the image passed its gates", first=True)
def gates(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, an image of an unknown build, and of one that did not pass what is asked for."""
    demanded, image = looked.demanded, looked.situation.image
    if demanded is None or image is None:
        return
    asked = ", ".join(demanded.outcomes)
    if demanded.build is None:
        text = (
            f"{image.id} is of no build that was reported, and {demanded.application} asks for the gates {asked}. "
            "Report its build with its version and number as the image's tags have them, or push an image that was "
            "baked from a build."
        )
        yield Finding("refuse", UNKNOWN_BUILD, text, "image")
    elif demanded.missing:
        said = ", ".join(f"{name} ({word})" for name, word in demanded.missing.items())
        text = (
            f"{demanded.says} has not passed {said}, which {demanded.application} asks for. Let CI run what is "
            "missing and report it, or push an image of a build that passed."
        )
        yield Finding("refuse", NOT_PASSED, text, f"build {demanded.build}")
