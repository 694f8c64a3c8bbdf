"""Groups as columns of the cluster page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from apps.console import words
from apps.console.build.history import short
from apps.console.build.instances import squares
from apps.console.pages.cluster import Column
from apps.console.pages.common import State
from apps.deployments.record import Record
from apps.deployments.selectors import borrowed_of_each
from apps.inventory.models import Cluster, Group
from apps.inventory.selectors.clusters import GroupView
from apps.inventory.selectors.metrics import GroupMetrics
from apps.inventory.selectors.standing import OTHERS_UNREAD, UNREAD, served, takes
from apps.inventory.selectors.words import condition
from apps.workflows.selectors import Owed


@dataclass(frozen=True)
class Standing:
    """What the deployments know of a cluster's groups: which are kept until when, which one is being brought up."""

    kept: Mapping[str, datetime | None]
    back: str = ""  # the one that a rollback would return to
    rising: str = ""  # the group that a running deployment brings up or brings back
    moved_at: datetime | None = None  # when traffic was last moved; rates from before tell nothing of now
    borrowed: Mapping[str, Sequence[Owed]] = field(default_factory=dict)  # what is changed of a group for a while


def standing_of(cluster: Cluster, record: Record, groups: Collection[str], *, steps: bool = False) -> Standing:
    """How these groups of a cluster stand by our own record of it; with the `steps` of what runs loaded, if asked for.

    One query, and one for steps where there are any to load.
    """
    back, running = record.back, record.running
    return Standing(
        {name: each.until for name, each in record.kept.items()},
        back.from_group if back else "",
        running.to_group if running else "",
        record.moved_at,
        borrowed_of_each(cluster, groups, [running.run] if running and steps else ()),
    )


def columns(views: Iterable[GroupView], metrics: Mapping[str, GroupMetrics], standing: Standing) -> tuple[Column, ...]:
    """One column a group, in the order given; what differs from the column before is noted."""
    drawn = [_column(view, _since(metrics.get(view.group.name), standing.moved_at), standing) for view in views]
    return tuple(
        replace(column, differs=_differs(drawn[number - 1], column)) if number else column
        for number, column in enumerate(drawn)
    )


def _since(metrics: GroupMetrics | None, moved_at: datetime | None) -> GroupMetrics:
    """The metrics, unless their latest period began before traffic was moved."""
    if metrics is None or (moved_at and metrics.times and metrics.times[-1] < moved_at):
        return GroupMetrics()
    return metrics


def state_of(view: GroupView, standing: Standing) -> State:
    """What a group is doing, in a word or two."""
    group = view.group
    if group.status:
        return State("move", "being deleted")
    if group.name == standing.rising and not (view.traffic.serving and served(view).complete):
        return State("move", "starting")
    if view.traffic.serving:
        return State("serve" if served(view).complete else "attend", "serves")
    if group.name in standing.kept:
        until = standing.kept[group.name]
        then = words.instant(until) if until else "the next push"
        if group.name == standing.back:
            return State("rest", f"kept for rollback until {then}")
        return State("rest", f"stands by, deleted at {then}")
    if group.traffic_sources and any(condition(each).word == "unhealthy" for each in view.instances):
        return State("fail", "unhealthy")
    if view.unread:
        return State("rest", "traffic unknown")
    return State("rest", "no traffic" if group.instance_count else "empty")


def _column(view: GroupView, metrics: GroupMetrics, standing: Standing) -> Column:
    group, image = view.group, view.image
    owed = standing.borrowed.get(group.name, ())
    return Column(
        name=group.name,
        short=short(group.name),
        state=state_of(view, standing),
        version=view.version,
        commit=image.commit[:10] if image else "",
        image_id=group.image_id,
        image_name=image.name if image else "",
        created_at=group.created_at,
        traffic_percent=round(100 * view.traffic.fraction),
        requests_per_second=metrics.requests_per_second,
        measured_at=metrics.times[-1] if metrics.times else None,
        failure_percent=metrics.failure_percent,
        squares=squares(view.instances),
        min_size=group.min_size,
        desired=group.desired,
        max_size=group.max_size,
        note=_note(group, owed),
        borrowed=tuple(_borrowed(each, group.name) for each in owed),
    )


def _borrowed(owed: Owed, group: str) -> str:
    """In the group's own column it is not named again."""
    said = owed.sentence.replace(f" of {group} ", " ")
    return f"{said}. {owed.trouble}" if owed.trouble else said


def _note(group: Group, owed: Sequence[Owed]) -> str:
    """Its status, and the processes that are suspended beside those that are told of as held for a while."""
    notes = [group.status] if group.status else []
    held = {word.strip(",") for each in owed for word in each.says.split()}
    if others := sorted(set(group.suspended) - held):
        notes.append(f"suspended: {', '.join(others)}")
    return "; ".join(notes)


def _differs(before: Column, after: Column) -> tuple[str, ...]:
    rows = {
        "version": (before.version, before.commit) != (after.version, after.commit),
        "size": (before.min_size, before.max_size) != (after.min_size, after.max_size),
    }
    return tuple(name for name, unlike in rows.items() if unlike)


def sentence(columns: Sequence[Column], serving: Sequence[str], doing: State, unread: bool = False) -> State:
    """The state of the cluster in words; `serving` are names of groups.

    `doing` is what is being done to it, without a word for nothing.
    `unread` while AWS was not asked yet of all that may send it traffic.
    """
    serves = [column for column in columns if column.name in serving]
    said = _serves(serves, columns, unread)
    kept = [_stands(column) for column in columns if column.state.word.startswith(("kept", "stands by"))]
    text = " ".join([said.word, *kept, doing.word]).strip()
    return State(doing.kind if doing.word and said.kind != "fail" else said.kind, text)


def _stands(column: Column) -> str:
    word = column.state.word
    return f"{column.short} {'is ' if word.startswith('kept') else ''}{word}."


def _serves(serves: Sequence[Column], columns: Sequence[Column], unread: bool) -> State:
    if not columns:
        return State("rest", "No group stands here now.")
    if not serves and unread:
        return State("rest", UNREAD)
    if not serves:
        return State("fail", "No group serves traffic: no healthy instance is behind a listener.")
    healthy, wanted = sum(each.healthy for each in serves), sum(each.wanted for each in serves)
    well = healthy >= wanted
    names = " and ".join(f"{each.short} ({each.version})" if each.version else each.short for each in serves)
    verb, more = takes(len(serves), unread), f" {OTHERS_UNREAD}" if unread else ""
    return State("serve" if well else "attend", f"{names} {verb}, {healthy} of {wanted} healthy.{more}")
