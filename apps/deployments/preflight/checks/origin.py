"""Whether the image came by a promotion from the environment that images come from, and is what was promoted."""

from __future__ import annotations

from collections.abc import Iterator

from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

NOT_PROMOTED = overridable("not-promoted")
NOT_AS_PROMOTED = overridable("not-as-promoted")


@check("origin", "whether the image was promoted", first=True)
def origin(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, an image that no promotion brought, or that is not what was promoted.

    Silent where the environment does not name another from which its images come.
    """
    known, image = looked.origin, looked.situation.image
    if known is None or image is None:
        return
    name, source = known.environment, known.images_from
    if known.promotion is None:
        text = (
            f"Images of {name} come from {source}, and no promotion brought {image.id}. Promote it first: on its page, "
            f"or by deployconsole images promote {image.id} --to {name}; one that is no image of {source} must be "
            "baked there."
        )
        yield Finding("refuse", NOT_PROMOTED, text, "image")
    elif known.withdrawn:
        text = f"The promotion of {image.id} to {name} is being taken back. Push another image, or promote it again."
        yield Finding("refuse", NOT_PROMOTED, text, f"promotion {known.promotion}")
    elif not known.unchanged(image.snapshots):
        was, is_ = (", ".join(sorted(each)) or "none" for each in (known.snapshots, image.snapshots))
        text = (
            f"{image.id} is not what was promoted from {source}: its snapshots are {is_}, and were {was}. Bake it "
            "again, promote that, and push it."
        )
        yield Finding("refuse", NOT_AS_PROMOTED, text, f"promotion {known.promotion}")
