"""Writing down what a bake made: its images' rows here and in the inventory."""

from __future__ import annotations

from functools import partial

from django.db.models.functions import Now

from apps.cloud.aws import ec2
from apps.images.models import Bake, BakedImage
from apps.images.steps.base import APPEARS_WITHIN, BakeStep, change, pause, target_of
from apps.inventory.services.images import learn_images
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class RecordImages(BakeStep):
    slug = "record-images"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, bake: Bake) -> Outcome:
        made = {bake.region: context.facts["image"], **context.facts.get("copies", {})}
        snapshots: dict[str, list[str]] = {}
        for region, image in made.items():
            found = ec2.find_image(target_of(bake, region), image)
            if found is None:
                return _not_there(context, image, region)
            snapshots[region] = list(found.snapshots)
            learn_images(bake.environment, region, [image])
        where = ", ".join(f"{image} in {region}" for region, image in made.items())
        summary = f"{bake.package} {bake.version} was baked upon {bake.base_image}: {where}"
        news = change(bake, "image.baked", made[bake.region], summary, images=made, base_image=bake.base_image)
        rows = tuple(partial(_keep, bake, region, image, snapshots[region]) for region, image in made.items())
        return Done(where, changes=(news,), also=rows)

    def revert(self, context: Context, bake: Bake) -> Outcome:
        rows = BakedImage.objects.filter(bake=bake, deleted_at__isnull=True)
        return Done("struck off", also=(partial(rows.update, deleted_at=Now()),))


def _not_there(context: Context, image: str, region: str) -> Outcome:
    if context.elapsed < APPEARS_WITHIN:
        return Wait(pause(context), f"AWS does not show {image} in {region} at the moment.")
    return Failed(f"{image} in {region} is gone: somebody deregistered it.")


def _keep(bake: Bake, region: str, image: str, snapshots: list[str]) -> None:
    BakedImage.objects.get_or_create(bake=bake, region=region, defaults={"image_id": image, "snapshots": snapshots})
