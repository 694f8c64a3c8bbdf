"""Before anything is granted: the AMI is in all its regions what it was, and can be shared in each."""

from __future__ import annotations

from functools import partial

from apps.images.models import Promotion
from apps.images.promotion.shareable import CALLS, look
from apps.images.steps.promoting import PromotionStep
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome


@register
class CheckPromotion(PromotionStep):
    slug = "check-promotion"
    undo_title = "Strike the promotion off"
    calls = CALLS

    def act(self, context: Context, row: Promotion) -> Outcome:
        del context
        found = [finding for each in row.images for finding in look(row.source, row.target, each).findings]
        against = [finding.text for finding in found if finding.level == "refuse"]
        return Failed(" ".join(against)) if against else Done(" ".join(f.text for f in found) or "it is unchanged")

    def revert(self, context: Context, row: Promotion) -> Outcome:
        del context
        return Done("struck off", also=(partial(Promotion.objects.filter(pk=row.pk).update, live=False),))
