"""Whether the image belongs here, and differs from what serves."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.naming import parse
from apps.cloud.values import GroupState
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, of_first, plain_check
from apps.deployments.situation import Situation

SAME_IMAGE, OTHER_APPLICATION = "same-image", "other-application"


@plain_check
@of_first
def application(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Refuses an image whose tag names another application, unless that is meant."""
    del serving
    name, cluster = parse(situation.cluster), situation.cluster
    tagged = situation.image.tags.get("application", "") if situation.image else ""
    if situation.image and name and tagged and tagged != name.app:
        text = f"{situation.image.id} is an image of {tagged}, and {cluster} runs {name.app}."
        if not asked.other_application:
            text += " Set the option other_application if that is meant."
        yield Finding("warn" if asked.other_application else "refuse", OTHER_APPLICATION, text, "image")


@plain_check
def same(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Warns of an image that serves already."""
    del asked
    if situation.image and situation.template and situation.image.id == situation.template.image_id:
        text = f"{situation.image.id} is what {serving.name} runs already. Choose another, or start it afresh."
        yield Finding("warn", SAME_IMAGE, text)
