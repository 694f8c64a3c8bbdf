"""Promotions hold on to the accounts that they are between: in another one nothing of them would be found."""

from __future__ import annotations

from django.db.models import Q

from apps.images.selectors.promotions import counting
from apps.inventory.models import Environment
from apps.inventory.services.environments import needs_account

MOST = 5  # promotions that are named


@needs_account
def of_promotions(environment: Environment) -> str:
    """Those from and to an environment that stand or are under way, in a sentence. 1 query."""
    found = list(counting().filter(Q(source=environment) | Q(target=environment)))
    if not found:
        return ""
    named = ", ".join(str(row) for row in found[:MOST])
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    return f"Its account has {named}{more}. Take back what was promoted first: in another account it is not found."
