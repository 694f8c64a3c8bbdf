"""Looking from the other account: it sees the AMI, with its tags."""

from __future__ import annotations

from apps.cloud.aws import ec2
from apps.cloud.errors import NotFound
from apps.images.models import Promotion
from apps.images.steps.base import pause
from apps.images.steps.promoting import PromotionStep, here
from apps.images.steps.tag_shared import VISIBLE_WITHIN
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class SeeShared(PromotionStep):
    slug = "see-shared"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, row: Promotion) -> Outcome:
        at, name = here(context, row), row.target.name
        try:
            found = ec2.launchable_image(at.target, at.image)
        except NotFound as error:
            if context.elapsed > VISIBLE_WITHIN:
                return Failed(f"{name} does not see {at.image} in {at.target.region}, although it is shared: {error}")
            return Wait(pause(context), f"{name} does not see {at.image} yet.")
        if found.state != "available":
            return Failed(f"{at.image} in {at.target.region} is {found.state}, so {name} cannot launch it.")
        late = [key for key, value in row.tags.items() if found.tags.get(key) != value]
        if late and context.elapsed <= VISIBLE_WITHIN:
            return Wait(pause(context), f"{name} sees {at.image}, and not its tags yet ({', '.join(late)}).")
        return Done(f"{name} sees {at.image}")
