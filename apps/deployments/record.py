"""What our own records tell of one cluster, read at once: its history, who changes it, who waits, what was repaired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.way_back import LEFT, TOOK_EFFECT, RollbackOffer, going_on, why_not
from apps.inventory.models import Cluster
from apps.workflows import selectors as workflows
from apps.workflows.models import Lock, Run, Step
from apps.workflows.states import ACTIVE, RunState

HISTORY = 10
REPAIRS = 3
MOVE_TRAFFIC = ("take-traffic", "give-traffic")  # the kinds of steps that do


@dataclass(frozen=True)
class Record:
    """`history` are the latest deployments, `repairs` the latest repairs, both newest first.

    `running` changes the cluster now, at most one can; `queue` waits behind it, in the order of turns. `last` is the
    last deployment that took effect. `kept` are the groups that stand by, by name, `once_kept` those that did for one
    of these deployments and do no more. `moved_at` is when the two latest deployments last moved traffic.
    """

    history: tuple[Deployment, ...]
    running: Deployment | None
    queue: tuple[Deployment, ...]
    last: Deployment | None
    lock: Lock | None
    repairs: tuple[Run, ...]
    kept: Mapping[str, KeptGroup]
    once_kept: frozenset[tuple[int, str]]  # deployments' keys and names
    moved_at: datetime | None

    @property
    def offer(self) -> RollbackOffer:
        """What rolling the cluster back would mean now."""
        running, last = self.running, self.last
        if running:
            return RollbackOffer(running, running.from_group, running.from_version, going_on(running))
        if last is None:
            tried = self._tried
            says = self._why_not(tried) if tried else "Nothing was pushed here by this console yet."
            return RollbackOffer(None, why_not=says)
        group = last.from_group if last.in_place or last.from_group in self.kept else ""
        return RollbackOffer(last, group, last.from_version, self._why_not(last))

    @property
    def back(self) -> Deployment | None:
        """The deployment that can be rolled back."""
        offer = self.offer
        return offer.deployment if offer.possible else None

    @property
    def no_way_back(self) -> str:
        """Why there is none, in a sentence; empty where nothing was ever pushed, as far as the latest tell."""
        running = self.running and self.running.kind in Deployment.MOVES
        return self.offer.why_not if running or self.last or self._tried else ""

    @property
    def _tried(self) -> Deployment | None:
        """The latest that was to move traffic and has ended."""
        return next((each for each in self.history if each.kind in Deployment.MOVES and each.run.ended), None)

    def _why_not(self, pushed: Deployment) -> str:
        return why_not(
            pushed,
            pushed,
            kept=pushed.from_group in self.kept,
            was_kept=(pushed.pk, pushed.from_group) in self.once_kept,
            left=pushed.to_group in self.kept,
        )


def read(cluster: Cluster, lock: str) -> Record:
    """What is recorded of a cluster, which needs its environment and application, and whose lock is so called.

    2 queries, however much happened.
    """
    runs = list(_runs(cluster, lock))
    own = sorted(_deployments(runs, cluster), key=lambda each: -each.pk)
    going_on = [each for each in own if not each.run.ended]
    kept = list(KeptGroup.objects.filter(Q(ended_at__isnull=True) | Q(deployment__in=own), cluster=cluster))
    stand_by = [each for each in kept if each.ended_at is None]
    latest = own[:HISTORY]
    return Record(
        history=tuple(latest),
        running=next((each for each in going_on if not workflows.waits(each.run)), None),
        queue=tuple(sorted((each for each in going_on if workflows.waits(each.run)), key=lambda each: each.run_id)),
        last=_last(own, {each.deployment_id for each in stand_by}),
        lock=next((_held(run, lock) for run in runs if run.held_at), None),
        repairs=tuple(run for run in runs if run.kind == workflows.REPAIR)[:REPAIRS],
        kept={each.name: each for each in stand_by},
        once_kept=frozenset((each.deployment_id, each.name) for each in kept if each.ended_at),
        moved_at=max((each.run.moved_at for each in latest[:2] if each.run.moved_at), default=None),
    )


def _runs(cluster: Cluster, lock: str) -> QuerySet[Any]:
    """The runs that the record is made of, each with its deployment, its hold on the lock, and its moves of traffic."""
    own = Deployment.objects.filter(cluster=cluster).order_by("-pk").values("run")
    wanted: QuerySet[Any] = own[:HISTORY]
    others: list[QuerySet[Any]] = [
        own.filter(run__state__in=ACTIVE).order_by(),
        own.filter(TOOK_EFFECT, kind__in=Deployment.MOVES)[:1],
        Run.objects.filter(kind=workflows.REPAIR, resource=lock).order_by("-pk").values("pk")[:REPAIRS],
        Lock.objects.filter(resource=lock).values("run"),
    ]
    last = Greatest(Max("started_at"), Max("undo_started_at"), Max("ended_at"))
    moves = Step.objects.filter(run=OuterRef("pk"), kind__in=MOVE_TRAFFIC).order_by().values("run")
    return (
        workflows.with_overdue(Run.objects.filter(pk__in=wanted.union(*others)))
        .select_related("deployment")
        .annotate(held=FilteredRelation("locks", condition=Q(locks__resource=lock)))
        .annotate(held_by=F("held__owner"), held_for=F("held__reason"), held_at=F("held__taken_at"))
        .annotate(moved_at=Subquery(moves.annotate(last=last).values("last")))
        .order_by("-pk")
    )


def _deployments(runs: Sequence[Any], cluster: Cluster) -> Iterator[Any]:
    for run in runs:
        if hasattr(run, "deployment"):  # a repair has none
            run.deployment.cluster = cluster
            yield run.deployment


def _last(newest_first: Sequence[Deployment], keepers: set[int]) -> Deployment | None:
    """The last that took effect, as TOOK_EFFECT finds it."""
    moves = (each for each in newest_first if each.kind in Deployment.MOVES)
    return next((each for each in moves if _took_effect(each, keepers)), None)


def _took_effect(deployment: Deployment, keepers: set[int]) -> bool:
    state = deployment.run.state
    return state == RunState.SUCCEEDED or (state in LEFT and deployment.pk in keepers)


def _held(run: Any, lock: str) -> Lock:
    return Lock(resource=lock, run=run, owner=run.held_by, reason=run.held_for, taken_at=run.held_at)
