"""How long the steps of earlier runs took: for what is told of the next ones, never for decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import median

from django.db.models import F, QuerySet

from apps.workflows.models import Run, Step
from apps.workflows.states import RunState, StepState

LAST = 10  # runs that are looked at


def usual_seconds(runs: QuerySet[Run]) -> Mapping[str, float]:
    """Seconds that each kind of step took in the last of these runs that succeeded, by its slug; the middle one.

    1 query. What none of them did is not in it.
    """
    last = runs.filter(state=RunState.SUCCEEDED).order_by("-id").values("pk")[:LAST]
    steps = Step.objects.filter(run__in=last, state=StepState.DONE, started_at__isnull=False, ended_at__isnull=False)
    took: dict[str, list[float]] = defaultdict(list)
    timed = steps.order_by().annotate(took=F("ended_at") - F("started_at"))
    for kind, each in timed.values_list("kind", "took"):
        took[kind].append(each.total_seconds())
    return {kind: median(each) for kind, each in took.items()}
