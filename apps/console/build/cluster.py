"""The cluster page from rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.columns import Standing, columns, sentence
from apps.console.build.freezes import frozen
from apps.console.build.history import back_to, history_line, place_of, short, what
from apps.console.build.lock import lock_line, repairs, running_of
from apps.console.build.rates import rates
from apps.console.build.states import run_state
from apps.console.build.steps import step_marks
from apps.console.build.undo import undo_lines
from apps.console.pages.cluster import ClusterPage, Column, Moving
from apps.console.pages.common import Action, Place
from apps.console.words import first_clause
from apps.deployments import freezes
from apps.deployments import selectors as deployments
from apps.deployments.models import Deployment
from apps.deployments.progress import progress
from apps.inventory.models import Cluster
from apps.inventory.selectors.ages import Age
from apps.inventory.selectors.clusters import cluster_view
from apps.workflows.models import Step
from apps.workflows.states import RunState

HISTORY = 10
MOVES = ("take-traffic", "give-traffic")  # the kinds of steps that move traffic


def cluster_page(cluster: Cluster, user: User) -> ClusterPage:
    """Everything the page shows; the number of queries does not depend on the size of the cluster."""
    now = timezone.now()
    view = cluster_view(cluster)
    history = list(deployments.deployments().filter(cluster=cluster)[:HISTORY])
    running = running_of(cluster, history)
    if running:
        prefetch_related_objects([running], "run__steps")
    kept = {each.name: each.until for each in deployments.kept_groups(cluster)}
    metrics = rates(cluster.environment, cluster.region, [each.group.name for each in view.groups])
    back = None if running else _way_back(cluster, history, kept)
    standing = Standing(
        kept,
        back.from_group if back else "",
        running.to_group if running else "",
        _moved_at(history[:2]),
        deployments.borrowed_of_each(cluster, [each.group.name for each in view.groups]),
    )
    drawn = columns(view.groups, metrics, standing, now)
    place = place_of(cluster)
    doing = f"{what(running)} is {run_state(running.run.state).word}." if running else ""
    return ClusterPage(
        place=place,
        sentence=sentence(drawn, [each.group.name for each in view.serving], doing),
        last_change=next((history_line(each) for each in history if each.run.ended), None),
        columns=drawn,
        moving=_moving(running) if running else None,
        between=_between(drawn, running) if running else 0,
        actions=_actions(place, user, running, back),
        history=tuple(history_line(each) for each in history),
        read_at=view.age.read_at,
        stale=view.age.stale,
        stale_words=_stale_words(view.age, cluster) if view.age.stale else "",
        frozen=frozen(freezes.freezes_on(cluster)),
        lock=lock_line(cluster, running),
        unlock=reverse("console:unlock", args=place.address) if user.may(Role.OPERATOR) else "",
        repairs=repairs(cluster),
    )


def _moved_at(latest: Sequence[Deployment]) -> datetime | None:
    """When the latest deployments last moved traffic, forward or back."""
    steps = Step.objects.filter(run__in=[each.run_id for each in latest], kind__in=MOVES)
    times = steps.values_list("started_at", "undo_started_at", "ended_at")
    return max((time for row in times for time in row if time), default=None)


def _moving(running: Deployment) -> Moving:
    steps = list(running.run.steps.all())
    undo = undo_lines(steps, running.run)
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


def _way_back(cluster: Cluster, history: Sequence[Deployment], kept: dict[str, datetime | None]) -> Deployment | None:
    """The push that can be rolled back, as far as our records tell: the last change, its old group still kept."""
    done = [each for each in history if each.kind != Deployment.Kind.CLEAN_UP and _took_effect(each, kept)]
    if not done and len(history) == HISTORY:
        offer = deployments.rollback_offer(cluster)
        return offer.deployment if offer.possible else None
    last = done[0] if done else None
    can = last is not None and last.kind == Deployment.Kind.PUSH and (last.in_place or last.from_group in kept)
    return last if can else None


def _took_effect(deployment: Deployment, kept: dict[str, datetime | None]) -> bool:
    """Whether it ended as planned; or was stopped by a person as it stood, with the group that it replaced kept."""
    state = deployment.run.state
    return state == RunState.SUCCEEDED or (state in deployments.LEFT and deployment.from_group in kept)


def _actions(place: Place, user: User, running: Deployment | None, back: Deployment | None) -> tuple[Action, ...]:
    role = missing_role(user, Role.OPERATOR)
    push = reverse("console:push", args=place.address)
    if running:
        asks = running.run.state == RunState.NEEDS_PERSON
        stop = "Decide…" if asks else "Cancel…"
        decide = Action(stop, reverse("console:deployment-decide", args=[running.pk]), primary=asks, blocked=role)
        return (decide, Action("Push…", push, blocked=role))
    actions = [Action("Push…", push, primary=True, blocked=role)]
    if back:
        address = reverse("console:rollback", args=[back.pk])
        actions.insert(0, Action(f"Roll back to {back_to(back)}", address, blocked=role))
    return tuple(actions)


def _stale_words(age: Age, cluster: Cluster) -> str:
    if age.read_at is None:
        return f"{cluster.environment.name} {cluster.region} was not read from AWS yet. {age.error}".strip()
    return f"This is older than it should be. {age.error or 'The background reader may not run.'}"
