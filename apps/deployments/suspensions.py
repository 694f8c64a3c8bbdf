"""Which processes of a group are suspended, as AWS tells it; and by whom and why, as our own records do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from apps.events.models import Event
from apps.events.selectors import of_subject
from apps.inventory.models import Group

MEMBER = "suspended"  # of what an event tells before and after


@dataclass(frozen=True)
class Suspension:
    """`says` is AWS's own reason. The rest is empty where nothing here suspended the process."""

    process: str
    says: str
    actor: str = ""
    reason: str = ""
    run: int | None = None
    at: datetime | None = None


def suspensions(group: Group) -> tuple[Suspension, ...]:
    """By process, in the order of their names. One query, none where nothing is suspended."""
    known = {process: Suspension(process, says) for process, says in sorted(group.suspended.items())}
    if not known:
        return ()
    cluster = group.cluster.name if group.cluster else ""
    told = of_subject(group.environment.name, group.region, cluster, group.name)
    for event in told.filter(Q(after__has_key=MEMBER) | Q(before__has_key=MEMBER)).order_by("id"):
        for process in _named(event.before):
            if process in known:
                known[process] = Suspension(process, known[process].says)
        for process in _named(event.after):
            if process in known:
                known[process] = _by(event, known[process])
    return tuple(known.values())


def _by(event: Event, known: Suspension) -> Suspension:
    return replace(known, actor=event.actor, reason=event.reason, run=event.run, at=event.at)


def _named(told: object) -> list[str]:
    return list(told.get(MEMBER) or ()) if isinstance(told, dict) else []
