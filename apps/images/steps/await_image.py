"""Waiting until AWS has made the image."""

from __future__ import annotations

from apps.cloud.aws import ec2
from apps.images.models import Bake
from apps.images.steps.base import APPEARS_WITHIN, BakeStep, pause, target_of
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class AwaitImage(BakeStep):
    slug = "await-image"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, bake: Bake) -> Outcome:
        wanted = context.facts["image"]
        failed, waits = made(context, bake, wanted, bake.region)
        if failed:
            return Failed(failed)
        return Wait(pause(context), waits) if waits else Done(f"{wanted} is available")


def made(context: Context, bake: Bake, image: str, region: str) -> tuple[str, str]:
    """Why an image will not become available, and what is waited for: a sentence each; both empty when it is."""
    found = ec2.find_image(target_of(bake, region), image)
    if found is None:
        if context.elapsed < APPEARS_WITHIN:
            return "", f"AWS does not show {image} in {region} yet."
        return f"{image} in {region} is gone: somebody deregistered it.", ""
    if found.state == "available":
        return "", ""
    if found.state == "pending":
        return "", f"{image} in {region} is being made."
    reason = found.state_reason or "it does not say why"
    return f"{image} in {region} is {found.state}. AWS says: {reason}", ""
