"""What happened, as lines that lead to their deployments; and who suspended a process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.console.build.history import told, when
from apps.console.pages.deployment import Line
from apps.console.pages.group import Suspension
from apps.deployments.models import Deployment
from apps.events.models import Event
from apps.events.selectors import of_subject
from apps.inventory.models import Group

SUSPENDED, RESUMED = "group.processes_suspended", "group.processes_resumed"
LOOKED_BACK = 50  # events


def event_lines(events: Iterable[Event]) -> tuple[Line, ...]:
    """One query for the deployments of all of them; none where they belong to none."""
    listed = list(events)
    runs = {event.run for event in listed if event.run}
    known = dict(Deployment.objects.filter(run_id__in=runs).values_list("run_id", "pk")) if runs else {}
    return tuple(
        Line(at, told(event), took, known.get(event.run or 0)) for event in listed for at, took in [when(event)]
    )


def suspensions(row: Group) -> Iterator[Suspension]:
    """The processes that are suspended, those alike together; by whom where that was done here, else as AWS has it."""
    known = _last_told(row) if row.suspended else {}
    alike: dict[int | str, list[str]] = {}
    for name, says in sorted(row.suspended.items()):
        alike.setdefault(known[name].pk if name in known else says, []).append(name)
    for names in map(tuple, alike.values()):
        says, event = row.suspended[names[0]], known.get(names[0])
        if event:
            yield Suspension(names, says, event.actor, event.at, event.reason)
        else:
            yield Suspension(names, says)


def _last_told(row: Group) -> dict[str, Event]:
    """By process, the event by which it was suspended, if it was not resumed since."""
    cluster = row.cluster.name if row.cluster else ""
    events = of_subject(row.environment.name, row.region, cluster, row.name).filter(kind__in=[SUSPENDED, RESUMED])
    latest: dict[str, Event] = {}
    for event in events[:LOOKED_BACK]:
        for name in (event.after or event.before or {}).get("suspended", ()):
            latest.setdefault(name, event)
    return {name: event for name, event in latest.items() if event.kind == SUSPENDED}
