"""The step kind of repairs: gives one thing back that an ended run had left borrowed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from apps.workflows.context import Context
from apps.workflows.kinds import StepKind, register, repay_with, why_kept
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, Failed, NeedsPerson, Outcome


@register
class Repay(StepKind):
    """One item that cannot be given back does not keep the others: it is marked, told, and tried again later."""

    slug = "repay"

    def run(self, context: Context) -> Outcome:
        item = Borrowed.objects.filter(pk=context.params["item"], repaid_at__isnull=True).select_related("run").first()
        if item is None:
            return Done("It was given back meanwhile.")
        kept = why_kept(item)
        if kept or not item.run.ended:
            return Done(f"It stays: {kept or f'it is {item.run.name} that owes it now'}.")
        match repay_with(item.kind)(context, item):
            case Done() as outcome:
                return replace(outcome, repaid=(*outcome.repaid, item.pk))
            case NeedsPerson(says):
                return _put_off(item, says)
            case outcome:
                return outcome

    def given_up(self, context: Context, failed: Failed) -> Outcome:
        return _put_off(Borrowed.objects.get(pk=context.params["item"]), failed.says)


def _put_off(item: Borrowed, why: str) -> Done:
    summary = f"{item.says or item} could not be given back: {why}"
    stuck = partial(Borrowed.objects.filter(pk=item.pk).update, stuck=True)
    return Done(summary, changes=(Change("ledger.stuck", item.resource, summary),), also=(stuck,))
