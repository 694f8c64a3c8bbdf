"""Writing down what was promoted, or taken back: the target's inventory, and the event."""

from __future__ import annotations

from functools import partial

from apps.images.models import Promotion
from apps.images.steps.promoting import PromotionStep, news
from apps.inventory.services.images import relearn_images
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome


@register
class RecordPromotion(PromotionStep):
    slug = "record-promotion"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, row: Promotion) -> Outcome:
        del context
        where = _learn(row)
        summary = f"{row.what} was promoted from {row.source.name} to {row.target.name}: {where}"
        return Done(where, changes=(news(row, "image.promoted", row.image_id, summary, images=row.images),))


@register
class RecordRevocation(PromotionStep):
    slug = "record-revocation"
    calls = ("ec2:DescribeImages",)

    def act(self, context: Context, row: Promotion) -> Outcome:
        del context
        where = _learn(row)
        summary = f"The promotion of {row.what} from {row.source.name} to {row.target.name} was taken back: {where}"
        told = news(row, "image.promotion_revoked", row.image_id, summary, images=row.images)
        struck = partial(Promotion.objects.filter(pk=row.pk).update, live=False)
        return Done(where, changes=(told,), also=(struck,))

    def revert(self, context: Context, row: Promotion) -> Outcome:
        del context
        return Done("it stands again", also=(partial(Promotion.objects.filter(pk=row.pk).update, live=True),))


def _learn(row: Promotion) -> str:
    """Brings the target's inventory to what its account sees now; where the AMI is, in words. Raises CloudError."""
    for each in row.images:
        relearn_images(row.target, each["region"], [each["image_id"]])
    return ", ".join(f"{each['image_id']} in {each['region']}" for each in row.images)
