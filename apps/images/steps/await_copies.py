"""Waiting until the copies are available. One that fails undoes the bake: an image is everywhere, or nowhere."""

from __future__ import annotations

from apps.images.models import Bake
from apps.images.steps.await_image import made
from apps.images.steps.base import BakeStep, pause
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class AwaitCopies(BakeStep):
    slug = "await-copies"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, bake: Bake) -> Outcome:
        copies: dict[str, str] = context.facts["copies"]
        seen = {region: made(context, bake, image, region) for region, image in copies.items()}
        failed = [why for why, _ in seen.values() if why]
        if failed:
            return Failed(f"A copy failed. {' '.join(failed)}")
        late = [region for region, (_, waits) in seen.items() if waits]
        if late:
            there = len(copies) - len(late)
            return Wait(pause(context), f"{there} of {len(copies)} copies are available; {', '.join(late)} to come.")
        return Done("all copies are available")
