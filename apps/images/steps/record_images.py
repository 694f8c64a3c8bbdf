"""Writing down what a bake made: its images' rows here and in the inventory."""

from __future__ import annotations

from functools import partial

from django.db.models.functions import Now

from apps.cloud.aws import ec2
from apps.images.models import Bake, BakedImage
from apps.images.steps.base import BakeStep, change, target_of
from apps.inventory.services.images import learn_images
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome


@register
class RecordImages(BakeStep):
    slug = "record-images"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, bake: Bake) -> Outcome:
        made = {bake.region: context.facts["image"], **context.facts.get("copies", {})}
        snapshots = {}
        for region, image in made.items():
            found = ec2.describe_images(target_of(bake, region), [image])
            snapshots[region] = [one for each in found for one in each.snapshots]
            learn_images(bake.environment, region, [image])
        where = ", ".join(f"{image} in {region}" for region, image in made.items())
        summary = f"{bake.package} {bake.version} was baked upon {bake.base_image}: {where}"
        news = change(bake, "image.baked", made[bake.region], summary, images=made, base_image=bake.base_image)
        rows = tuple(partial(_keep, bake, region, image, snapshots[region]) for region, image in made.items())
        return Done(where, changes=(news,), also=rows)

    def revert(self, context: Context, bake: Bake) -> Outcome:
        rows = BakedImage.objects.filter(bake=bake, deleted_at__isnull=True)
        return Done("struck off", also=(partial(rows.update, deleted_at=Now()),))


def _keep(bake: Bake, region: str, image: str, snapshots: list[str]) -> None:
    BakedImage.objects.get_or_create(bake=bake, region=region, defaults={"image_id": image, "snapshots": snapshots})
