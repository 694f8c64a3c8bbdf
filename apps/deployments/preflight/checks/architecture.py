"""Whether the image runs on every instance type that the group may launch."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import ec2
from apps.deployments.errors import Finding
from apps.deployments.preflight.base import Looked, check


@check("architecture", "whether the image runs on the group's instance types", first=True)
def architecture(looked: Looked) -> Iterator[Finding]:
    """Refuses an image of another architecture than one of the types, mixed instances policies included."""
    image, types = looked.situation.image, looked.types
    if image is None or not image.architecture:
        return
    facts = looked.read.once("types", lambda: ec2.type_facts(looked.target, types))
    other = [name for name in types if image.architecture not in facts[name].architectures]
    if other:
        runs = sorted({each for name in other for each in facts[name].architectures})
        text = (
            f"{image.id} is built for {image.architecture}, and {', '.join(other)} runs {' and '.join(runs)}. "
            "Push an image built for it."
        )
        yield Finding("refuse", "architecture", text, "image")
