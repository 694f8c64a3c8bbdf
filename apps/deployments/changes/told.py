"""What changed in words: what was done, by whom, how it went, and what was changed from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.deployments import selectors
from apps.deployments.changes.filters import BAKED, PROMOTED
from apps.deployments.changes.timeline import DEPLOYMENT, EVENT, Found
from apps.deployments.models import Deployment
from apps.deployments.words import what
from apps.events.models import Event
from apps.events.selectors import all_events
from apps.images.models import Bake, Promotion
from apps.images.selectors import bakes as all_bakes
from apps.images.selectors.promotions import promotions as all_promotions
from apps.workflows.models import Run
from apps.workflows.states import RunState

NOUNS = {  # what events of a kind are about, where their subject names it
    "recipe": "recipe",
    "application": "application",
    "base_image": "base-image",
    "environment": "environment",
    "freeze": "freeze",
}
JANITOR = {"janitor.rules_changed": "janitor-rules", "janitor.kept": "janitor-keep", "janitor.keep_ended": ""}


@dataclass(frozen=True)
class Altered:
    """One value that was changed: text for people, empty where there was, or is, none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class About:
    """Where a change is told at length: what kind of thing that is, and its number or name."""

    noun: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One deployment, or something else that somebody changed. `deployment` is set of the former alone.

    `state` is its run's, empty of what has no outcome; `says` how that ended or what it waits for, in a sentence.
    """

    source: str
    number: int  # of the deployment or the event
    kind: str
    at: datetime  # when it ended; of what goes on, when it began
    summary: str
    actor: str
    reason: str
    environment: str
    region: str
    cluster: str
    state: str = ""
    says: str = ""
    about: About | None = None
    altered: tuple[Altered, ...] = ()
    deployment: Deployment | None = None


@dataclass(frozen=True)
class _Runs:
    """Bakes and promotions by the runs that make them; a promotion also by the one that takes it back."""

    bakes: Mapping[int, Bake]
    promotions: Mapping[int, Promotion]


def changes(found: Iterable[Found]) -> tuple[Change, ...]:
    """Each in the order given; five queries, however many they are."""
    found = list(found)
    rows = {row.pk: row for row in selectors.deployments().filter(pk__in=_of(found, DEPLOYMENT))}
    events = all_events().in_bulk(_of(found, EVENT))
    runs = _runs(events.values())
    return tuple(
        _of_event(events[number], runs) if source == EVENT else _of_deployment(rows[number])
        for _, source, number in found
        if number in (events if source == EVENT else rows)
    )


def _of(found: Sequence[Found], source: str) -> list[int]:
    return [number for _, each, number in found if each == source]


def _runs(events: Iterable[Event]) -> _Runs:
    by_kind: dict[bool, list[int]] = {True: [], False: []}
    for event in events:
        if event.run and event.kind in (BAKED, *PROMOTED):
            by_kind[event.kind == BAKED].append(event.run)
    promoted: dict[int, Promotion] = {}
    for row in all_promotions().filter(Q(run__in=by_kind[False]) | Q(revocation__in=by_kind[False])):
        promoted[row.run_id] = row
        if row.revocation_id:
            promoted[row.revocation_id] = row
    return _Runs({bake.run_id: bake for bake in all_bakes().filter(run__in=by_kind[True])}, promoted)


def _of_deployment(row: Deployment) -> Change:
    cluster = row.cluster
    altered = (("version", row.from_version, row.to_version), ("image", row.from_image, row.to_image))
    return Change(
        source=DEPLOYMENT,
        number=row.pk,
        kind=row.kind,
        at=row.run.ended_at or row.created_at,
        summary=what(row),
        actor=row.actor,
        reason=row.reason,
        environment=cluster.environment.name,
        region=cluster.region,
        cluster=cluster.name,
        state=row.run.state,
        says=_says(row.run),
        about=About("deployment", str(row.pk)),
        altered=tuple(Altered(*each) for each in altered if each[1] != each[2]),
        deployment=row,
    )


def _of_event(event: Event, runs: _Runs) -> Change:
    run, about, altered = _at_length(event, runs)
    return Change(
        source=EVENT,
        number=event.pk,
        kind=event.kind,
        at=event.at,
        summary=event.summary,
        actor=event.actor,
        reason=event.reason,
        environment=event.environment,
        region=event.region,
        cluster=event.cluster,
        state=run.state if run else "",
        says=_says(run) if run else "",
        about=about,
        altered=tuple(altered),
    )


def _says(run: Run) -> str:
    return run.failure if run.ended else run.says


def _at_length(event: Event, runs: _Runs) -> tuple[Run | None, About | None, Iterable[Altered]]:
    """Its run, where it is told, and what became of what."""
    bake, promotion = runs.bakes.get(event.run or 0), runs.promotions.get(event.run or 0)
    if event.kind == BAKED and bake:
        return bake.run, About("bake", str(bake.pk)), _made(bake)
    if event.kind in PROMOTED and promotion:
        back = event.kind != PROMOTED[0]
        run = promotion.revocation if back and promotion.revocation else promotion.run
        return run, About("promotion", str(promotion.pk)), _shared(promotion, run, back=back)
    return None, _about(event), values(event.before, event.after)


def _made(bake: Bake) -> Iterator[Altered]:
    images = ", ".join(f"{each.image_id} in {each.region}" for each in bake.images.all())
    if images:
        yield Altered("image", "", images)


def _shared(row: Promotion, run: Run, *, back: bool) -> Iterator[Altered]:
    """What the target may launch because of it, or could until it was taken back."""
    if run.state == RunState.SUCCEEDED:
        images = ", ".join(f"{each['image_id']} in {each['region']}" for each in row.images)
        yield Altered(f"{row.target.name} may launch", images if back else "", "" if back else images)


def _about(event: Event) -> About | None:
    prefix = event.kind.partition(".")[0]
    noun = JANITOR.get(event.kind, "janitor-mark") if prefix == "janitor" else NOUNS.get(prefix, "")
    if not noun or (event.kind.endswith(".deleted") and prefix != "janitor"):
        return None
    return About(noun, event.subject.removeprefix(f"{prefix} "))


def values(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Altered]:
    """Each value that is another one than before; of objects within, theirs. None of what has no before or no after."""
    if before is None or after is None:
        return
    for name, was in before.items():
        now = after.get(name)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from values({each: was.get(each) for each in sorted({*was, *now})}, now)
        elif was != now:
            yield Altered(name, _text(was), _text(now))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
