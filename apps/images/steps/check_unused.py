"""Before a promotion is taken back: nothing in the target's account uses the AMI."""

from __future__ import annotations

from apps.images.janitor.afresh import CALLS
from apps.images.models import Promotion
from apps.images.promotion.used import users
from apps.images.steps.promoting import PromotionStep
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome


@register
class CheckUnused(PromotionStep):
    slug = "check-unused"
    calls = CALLS

    def act(self, context: Context, row: Promotion) -> Outcome:
        del context
        found = users(row)
        if found:
            return Failed(f"{row.target.name} uses it: {'; '.join(found)}. Nothing was taken back.")
        return Done("nothing uses it")
