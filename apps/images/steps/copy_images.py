"""Copying the image to the other regions, to all of them at once."""

from __future__ import annotations

from functools import partial

from apps.cloud.aws import images
from apps.cloud.errors import AlreadyExists, CloudError
from apps.images.models import Bake
from apps.images.steps.base import REMOVE, BakeStep, change, pause, removed, sent, tags_of, target_of, words_of
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait


@register
class CopyImages(BakeStep):
    slug = "copy-images"
    undo_title = "Remove the copies"
    calls = ("ec2:CopyImage", *REMOVE)

    def act(self, context: Context, bake: Bake) -> Outcome:
        found: dict[str, str] = {}
        for region in context.params["copies"]:
            try:
                copy = self._copy(context, bake, region)
            except CloudError as error:
                if error.retryable:
                    raise
                return Failed(f"The image could not be copied to {region}. AWS says: {error}")
            if copy:
                found[region] = copy
        late = [region for region in context.params["copies"] if region not in found]
        if late:
            return Wait(pause(context), f"The copy is being begun in {', '.join(late)}.")
        changes = tuple(_made(context, bake, region, copy) for region, copy in found.items())
        return Done(", ".join(found.values()), {"copies": found}, changes)

    def _copy(self, context: Context, bake: Bake, region: str) -> str:
        """The id of the copy; empty while AWS does not show it. Raises CloudError."""
        target = target_of(bake, region)
        known = images.named_image(target, bake.image_name)
        if known is not None:
            return known.id
        sent(context, region)
        try:
            images.copy_image(
                target,
                source_region=bake.region,
                image_id=context.facts["image"],
                name=bake.image_name,
                description=words_of(bake),
                token=f"{bake.nonce}-{region}"[:64],
                tags={"Name": bake.image_name, **tags_of(bake)},
            )
        except AlreadyExists:  # the one that an earlier look asked for
            return ""
        return ""

    def revert(self, context: Context, bake: Bake) -> Outcome:
        untold = None if "copies" in context.facts else partial(_made, context, bake)
        return removed(context, bake, list(context.params["copies"]), untold)


def _made(context: Context, bake: Bake, region: str, copy: str) -> Change:
    return change(bake, "image.copied", copy, f"{context.facts['image']} copied to {region} as {copy}", region)
