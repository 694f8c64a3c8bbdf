"""The cluster page from rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.columns import columns, sentence, standing_of
from apps.console.build.freezes import frozen
from apps.console.build.history import back_to, history_line, place_of, short, told, what
from apps.console.build.lock import lock_line, repairs
from apps.console.build.rates import rates
from apps.console.build.states import run_state
from apps.console.build.steps import step_marks
from apps.console.build.undo import undo_marks
from apps.console.pages.cluster import ClusterPage, Column, Moving
from apps.console.pages.common import Action, Place, State
from apps.console.pages.deployment import Line
from apps.console.words import first_clause
from apps.deployments import freezes
from apps.deployments.models import Deployment
from apps.deployments.progress import progress
from apps.deployments.record import Record
from apps.deployments.selectors import record_of
from apps.events.selectors import of_cluster
from apps.inventory.models import Cluster
from apps.inventory.selectors.ages import Age
from apps.inventory.selectors.clusters import cluster_view
from apps.workflows.states import RunState

DECISIONS = frozenset({"cluster.policy_changed", "lock.broken", "deployment.overridden"})
DOING = {RunState.NEEDS_PERSON: "needs a person", RunState.UNDOING: "is being undone"}  # else it is what the word says
LATEST = 20  # events of the cluster among which they are looked for


def cluster_page(cluster: Cluster, user: User) -> ClusterPage:
    """Everything the page shows; the number of queries does not depend on the size of the cluster."""
    view = cluster_view(cluster)
    names = [each.group.name for each in view.groups]
    record = record_of(cluster)
    running = record.running
    metrics = rates(cluster.environment, cluster.region, names)
    drawn = columns(view.groups, metrics, standing_of(cluster, record, names, steps=True))
    place = place_of(cluster)
    ended = next((each for each in record.history if each.run.ended), None)
    doing = _doing(running) if running else State("rest", "")
    return ClusterPage(
        place=place,
        sentence=sentence(drawn, [each.group.name for each in view.serving], doing, view.unread),
        last_change=history_line(ended) if ended else None,
        columns=drawn,
        moving=_moving(running) if running else None,
        between=_between(drawn, running) if running else 0,
        actions=_actions(place, user, record),
        history=tuple(history_line(each) for each in record.history),
        read_at=view.age.read_at,
        stale=view.age.stale,
        stale_words=stale_words(view.age, cluster.environment.name, cluster.region),
        frozen=frozen(freezes.freezes_on(cluster)),
        lock=lock_line(record),
        unlock=reverse("console:unlock", args=place.address) if user.may(Role.OPERATOR) else "",
        repairs=repairs(record),
        unread=view.unread,
        last_event=None if running else _last_event(place, ended.run.ended_at if ended else None),
    )


def _doing(running: Deployment) -> State:
    """What runs, in words; amber where it waits for somebody."""
    said = run_state(running.run.state)
    verb = DOING.get(RunState(running.run.state), f"is {said.word}")
    return State("attend" if said.kind == "attend" else "move", f"{what(running)} {verb}.")


def _last_event(place: Place, after: datetime | None) -> Line | None:
    """The latest decision beside deployments, if it is newer than the last of them: then few events came after it.

    Not looked for while one runs: that is the last change then, and tells on its own page what was decided about it.
    """
    for event in of_cluster(*place.address)[:LATEST]:
        if event.kind in DECISIONS and (after is None or event.at > after):
            reason = f" “{event.reason}”" if event.reason else ""
            return Line(event.at, f"{told(event)}{reason}")
    return None


def _moving(running: Deployment) -> Moving:
    steps = list(running.run.steps.all())
    undo = undo_marks(steps, running.run)
    done = sum(line.phase == "done" for line in undo) if undo else running.run.position
    count = len(undo) if undo else len(steps)
    return Moving(
        id=running.pk,
        state=run_state(running.run.state),
        what=what(running),
        way=" → ".join(short(name) for name in (running.from_group, running.to_group) if name),
        sentence=first_clause(progress(running).sentence),
        step=min(done + 1, count),
        steps=count,
        actor=running.actor,
        started_at=running.created_at,
        plan=tuple((line.mark, line.title) for line in undo) or step_marks(steps, running.run),
    )


def _between(drawn: Sequence[Column], running: Deployment) -> int:
    """How many columns stand left of the running deployment: it goes between the two groups that it concerns."""
    names = [column.name for column in drawn]
    places = [names.index(name) for name in (running.from_group, running.to_group) if name in names]
    if len(places) == 2:
        return max(places)
    return places[0] + 1 if places else len(names)


def _actions(place: Place, user: User, record: Record) -> tuple[Action, ...]:
    role = missing_role(user, Role.OPERATOR)
    push, running = reverse("console:push", args=place.address), record.running
    no_way_back = (Action("Roll back", "", blocked=record.no_way_back),) if record.no_way_back else ()
    if running:
        asks = running.run.state == RunState.NEEDS_PERSON
        stop = "Decide…" if asks else "Cancel…"
        decide = Action(stop, reverse("console:deployment-decide", args=[running.pk]), primary=asks, blocked=role)
        return (decide, *no_way_back, Action("Push…", push, blocked=role))
    back = no_way_back
    if record.back:
        address = reverse("console:rollback", args=[record.back.pk])
        back = (Action(f"Roll back to {back_to(record.back)}", address, blocked=role),)
    return (*back, Action("Push…", push, primary=True, blocked=role))


def stale_words(age: Age, environment: str, region: str) -> str:
    """Why what was read is older than it should be; empty when it is not."""
    if not age.stale:
        return ""
    if age.read_at is None:
        return f"{environment} {region} was not read from AWS yet. {age.error}".strip()
    return f"This is older than it should be. {age.error or 'The background reader may not run.'}"
