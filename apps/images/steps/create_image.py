"""Making an image of the builder that has stopped."""

from __future__ import annotations

from apps.cloud.aws import images
from apps.cloud.errors import AlreadyExists
from apps.images.models import Bake
from apps.images.steps.base import REMOVE, BakeStep, change, pause, removed, sent, tags_of, target_of, words_of
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Outcome, Wait


@register
class CreateImage(BakeStep):
    slug = "create-image"
    undo_title = "Remove the image"
    calls = ("ec2:CreateImage", *REMOVE)

    def act(self, context: Context, bake: Bake) -> Outcome:
        target = target_of(bake)
        found = images.named_image(target, bake.image_name)
        if found is not None:
            return Done(found.id, {"image": found.id}, (_made(bake, found.id),))
        sent(context, bake.region)
        try:
            images.create_image(
                target,
                context.facts["builder"],
                name=bake.image_name,
                description=words_of(bake),
                tags={"Name": bake.image_name, **tags_of(bake)},
            )
        except AlreadyExists:  # the one that an earlier look asked for
            return Wait(pause(context), "The image was created; AWS does not show it yet.")
        return Wait(pause(context), "The image is being created.")

    def revert(self, context: Context, bake: Bake) -> Outcome:
        untold = None if "image" in context.facts else lambda _region, image: _made(bake, image)
        return removed(context, bake, [bake.region], untold)


def _made(bake: Bake, image: str) -> Change:
    summary = f"Image {image} created of builder {bake.builder}, called {bake.image_name}"
    return change(bake, "image.created", image, summary, name=bake.image_name)
