"""Deployments and events as one list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from apps.deployments.models import Deployment
from apps.events.models import Event

DEPLOYMENT, EVENT = "deployment", "event"
ORDER = ("-moment", "source", "-number")  # newest first: what goes on, then by when it ended or happened
COLUMNS = ("moment", "source", "number")
Found = tuple[datetime, str, int]  # when; which of the two it is; its id
GOES_ON = datetime(9999, 1, 1, tzinfo=UTC)  # when what goes on ends: the same on every page of the list


@dataclass(frozen=True)
class Timeline:
    """What was found in several lists that have `COLUMNS`, as far as a pager asks for it. Rows are named tuples.

    There is no other order: half of it has no outcome to be sorted by. The filter `state` finds those that have one.
    """

    parts: tuple[QuerySet[Any], ...]

    @property
    def query(self) -> Any:
        """Of the first: the columns are of the same types in all."""
        return self.parts[0].query

    def filter(self, *conditions: Q) -> Timeline:
        """Those that meet the conditions on `COLUMNS`."""
        return Timeline(tuple(part.filter(*conditions) for part in self.parts))

    def order_by(self, *order: str) -> QuerySet[Any, Any]:
        """All of it in one query."""
        first, *others = (part.values_list(*COLUMNS, named=True) for part in self.parts)
        return first.union(*others, all=True).order_by(*order)


def timeline(deployments: QuerySet[Deployment], events: QuerySet[Event]) -> Timeline:
    """Both as one list."""
    over = Coalesce("run__ended_at", Value(GOES_ON))
    return Timeline(
        (
            deployments.order_by().annotate(moment=over, source=Value(DEPLOYMENT), number=F("id")),
            events.order_by().annotate(moment=F("at"), source=Value(EVENT), number=F("id")),
        )
    )
