"""What our own records tell of a cluster: its history, what changes it now, the way back, how its groups stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects

from apps.console.build.columns import Standing
from apps.console.build.lock import running_of
from apps.deployments import selectors as deployments
from apps.deployments.models import Deployment
from apps.inventory.models import Cluster
from apps.workflows.models import Step
from apps.workflows.states import RunState

HISTORY = 10
MOVES = ("take-traffic", "give-traffic")  # the kinds of steps that move traffic


@dataclass(frozen=True)
class Known:
    """`history` are the latest deployments; `running` has its steps loaded; `back` is the push to roll back.

    `no_way_back` says why there is none, where anything was ever pushed.
    """

    history: tuple[Deployment, ...]
    running: Deployment | None
    back: Deployment | None
    standing: Standing
    no_way_back: str = ""


def known_of(cluster: Cluster, groups: Collection[str]) -> Known:
    """What is known of a cluster and of these of its groups; its queries do not grow with them."""
    history = list(deployments.deployments().filter(cluster=cluster)[:HISTORY])
    running = running_of(cluster, history)
    if running:
        prefetch_related_objects([running], "run__steps")
    kept = {each.name: each.until for each in deployments.kept_groups(cluster)}
    back, why_not = (None, _under_way(running, history)) if running else _way_back(cluster, history, kept)
    standing = Standing(
        kept,
        back.from_group if back else "",
        running.to_group if running else "",
        _moved_at(history[:2]),
        deployments.borrowed_of_each(cluster, groups),
    )
    return Known(tuple(history), running, back, standing, why_not)


def _moved_at(latest: Sequence[Deployment]) -> datetime | None:
    """When the latest deployments last moved traffic, forward or back."""
    steps = Step.objects.filter(run__in=[each.run_id for each in latest], kind__in=MOVES)
    times = steps.values_list("started_at", "undo_started_at", "ended_at")
    return max((time for row in times for time in row if time), default=None)


def _under_way(running: Deployment, history: Sequence[Deployment]) -> str:
    """Why nothing is rolled back while a deployment runs; empty where nothing was ever pushed."""
    return deployments.going_on(running) if any(each.kind in Deployment.MOVES for each in history) else ""


def _way_back(
    cluster: Cluster, history: Sequence[Deployment], kept: Mapping[str, datetime | None]
) -> tuple[Deployment | None, str]:
    """The push to roll back, as far as our records tell: the last change; or why there is none that can be.

    Neither where nothing was ever pushed. What is read already answers, but for what else became of a group that is
    gone.
    """
    moves = [each for each in history if each.kind in Deployment.MOVES and each.run.ended]
    done = [each for each in moves if _took_effect(each, kept)]
    if not done and len(history) == HISTORY:
        offer = deployments.rollback_offer(cluster)
        if offer.deployment:
            return (offer.deployment, "") if offer.possible else (None, offer.why_not)
    if not moves:
        return None, ""
    last = done[0] if done else moves[0]
    why_not = deployments.why_not_given(last, last, kept)
    return (None, why_not) if why_not else (last, "")


def _took_effect(deployment: Deployment, kept: Mapping[str, datetime | None]) -> bool:
    """Whether it ended as planned; or was stopped by a person as it stood, with the group that it replaced kept."""
    state = deployment.run.state
    return state == RunState.SUCCEEDED or (state in deployments.LEFT and deployment.from_group in kept)
