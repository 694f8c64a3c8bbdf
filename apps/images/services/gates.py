"""What CI says of gates: of each the newest word stands, and an older one that comes late changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.events.services import record
from apps.images.models import Build, CommitGate, Gate
from apps.images.reported import ReportedGate
from apps.images.services.checks import is_link, too_long
from apps.inventory.models import Application

LONGEST = {"name": 64, "url": 1000, "says": 500}
MOST = 50
SHORTEST = 7  # digits by which a commit is known: fewer may be another's too
KEPT = timedelta(days=90)  # how long what is said of a commit waits for a build of it


def wrong_gates(gates: tuple[ReportedGate, ...]) -> dict[str, str]:
    """What is wrong with them, by field, as `gates.0.outcome`."""
    found = {"gates": f"{MOST} gates are allowed; these are {len(gates)}."} if len(gates) > MOST else {}
    each = ((f"gates.{number}.{name}", text) for number, gate in enumerate(gates) for name, text in _wrong(gate))
    return {**found, **dict(each)}


def take_gates(row: Build, gates: Iterable[ReportedGate], actor: str) -> None:
    """Records them; what changes an outcome is an event. The caller holds the application's lock."""
    now, known = timezone.now(), {gate.name: gate for gate in row.gates.all()}
    for said in gates:
        gate, at = known.get(said.name), min(said.at or now, now)
        if gate is None:
            known[said.name] = Gate.objects.create(build=row, **_members(said, at))
            _tell(row, said, "", actor)
        elif _is_news(gate, said, at):
            before = gate.outcome
            _renew(gate, said, at)
            _tell(row, said, before, actor)


def take_gates_of_commit(
    application: Application, commit: str, gates: Iterable[ReportedGate], actor: str
) -> list[Build]:
    """Records them for what was built of the commit, and for what will be; answers the builds that are known."""
    now = timezone.now()
    CommitGate.objects.filter(updated_at__lt=now - KEPT).delete()
    known = {gate.name: gate for gate in CommitGate.objects.filter(application=application, commit=commit)}
    told = list(gates)
    for said in told:
        gate, at = known.get(said.name), min(said.at or now, now)
        if gate is None:
            known[said.name] = CommitGate.objects.create(application=application, commit=commit, **_members(said, at))
        elif _is_news(gate, said, at):
            _renew(gate, said, at)
    written = {commit, *(commit[:digits] for digits in range(SHORTEST, len(commit)))}
    rows = list(Build.objects.filter(application=application, commit__in=written).order_by("id"))
    for row in rows:
        take_gates(row, told, actor)
    return rows


def said_of_commit(row: Build) -> Iterator[ReportedGate]:
    """What was said of the commit that a build is of, which CI may have shortened."""
    if len(row.commit) < SHORTEST:
        return
    for gate in CommitGate.objects.filter(application=row.application, commit__startswith=row.commit):
        yield ReportedGate(gate.name, gate.outcome, gate.url, gate.says, gate.updated_at)


def _is_news(gate: Gate | CommitGate, said: ReportedGate, at: datetime) -> bool:
    """Also where only the time is newer: what happened before that must not be taken for news later."""
    if at < gate.updated_at:
        return False
    later = said.at is not None and at > gate.updated_at
    return later or (gate.outcome, gate.url, gate.says) != (said.outcome, said.url, said.says)


def _renew(gate: Gate | CommitGate, said: ReportedGate, at: datetime) -> None:
    members = _members(said, at)
    for name, value in members.items():
        setattr(gate, name, value)
    gate.save(update_fields=list(members))


def _members(said: ReportedGate, at: datetime) -> dict[str, Any]:
    return {"name": said.name, "outcome": said.outcome, "url": said.url, "says": said.says, "updated_at": at}


def _tell(row: Build, said: ReportedGate, before: str, actor: str) -> None:
    if said.outcome == before:
        return
    record(
        "build.gate",
        actor=actor,
        subject=f"build {row.pk}",
        summary=f"{actor} reported the gate {said.name} of {row}: {Gate.Outcome(said.outcome).label.lower()}.",
        before={"gate": said.name, "outcome": before} if before else None,
        after={"gate": said.name, "outcome": said.outcome, "says": said.says},
    )


def _wrong(gate: ReportedGate) -> Iterator[tuple[str, str]]:
    yield from too_long(gate, LONGEST)
    if not gate.name.strip():
        yield "name", "Name the gate, as unit, regression or integration."
    if gate.outcome not in Gate.Outcome.values:
        yield "outcome", f"There is no outcome {gate.outcome!r}; known are {', '.join(Gate.Outcome.values)}."
    if gate.url and not is_link(gate.url):
        yield "url", "A link begins with https:// or http://."
