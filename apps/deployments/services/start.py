"""Starting the run of a deployment: row, run, lock and event in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import IntegrityError

from apps.deployments.errors import BUSY, PASSING, Busy, Finding, Refused
from apps.deployments.freezes import told_of_freezes
from apps.deployments.models import Deployment
from apps.deployments.requests import ChangeRequest, Preview, PushRequest, refuse_unfounded
from apps.deployments.selectors import lock_name
from apps.events.services import record
from apps.inventory.models import Cluster
from apps.workflows import services as workflows
from apps.workflows.models import Lock, Run
from apps.workflows.plans import PlannedStep
from apps.workflows.states import OnFailure


@dataclass(frozen=True)
class Asked:
    """Who asked for what, and why."""

    kind: str
    cluster: Cluster
    actor: str
    reason: str
    strategy: str = ""
    operation: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    undoes: Deployment | None = None
    overrides: tuple[str, ...] = ()
    on_failure: str = OnFailure.UNDO
    queue: bool = False  # wait for one's turn where the cluster is busy

    @classmethod
    def by(cls, actor: str, request: PushRequest | ChangeRequest, cluster: Cluster, options: Any) -> Asked:
        """What such a request asks for, its cluster and `options` (a dataclass) as they were understood."""
        return cls(
            kind=Deployment.Kind.PUSH if isinstance(request, PushRequest) else Deployment.Kind.CHANGE,
            cluster=cluster,
            actor=actor,
            reason=request.reason,
            strategy=getattr(request, "strategy", ""),
            operation=getattr(request, "operation", ""),
            options=asdict(options),
            overrides=tuple(request.overrides),
            on_failure=request.on_failure,
            queue=request.queue,
        )


def is_busy(cluster: Cluster) -> bool:
    """Whether somebody changes the cluster now."""
    return workflows.holder(lock_name(cluster)) is not None


def refuse_if_busy(cluster: Cluster) -> None:
    """Raises Busy if somebody changes the cluster now."""
    lock = workflows.holder(lock_name(cluster))
    if lock:
        raise busy(cluster, lock)


def told_if_busy(cluster: Cluster, preview: Preview, *, queue: bool) -> Preview:
    """The preview, with a finding while somebody changes the cluster: it refuses what does not `queue` behind it.

    Nor does what that change may still give back refuse what waits for it.
    """
    lock = workflows.holder(lock_name(cluster))
    if lock is None:
        return preview
    text = f"{_held(cluster, lock)} This waits for it to end, and is planned anew then." if queue else ""
    finding = Finding("note" if queue else "refuse", BUSY, text or str(busy(cluster, lock)), f"run {lock.run_id}")
    known = map(_waited_for, preview.findings) if queue else preview.findings
    return replace(preview, findings=(*known, finding))


def _waited_for(finding: Finding) -> Finding:
    if finding.level != "refuse" or finding.code not in PASSING:
        return finding
    return replace(finding, level="note", text=f"{finding.text} Queued, this asks by itself when its turn comes.")


def busy(cluster: Cluster, lock: Lock) -> Busy:
    deployment = Deployment.objects.filter(run_id=lock.run_id).first()
    text = f"{_held(cluster, lock)} Wait for it to end, cancel it, or queue behind it."
    return Busy(lock.owner, lock.run_id, deployment.pk if deployment else None, text)


def _held(cluster: Cluster, lock: Lock) -> str:
    return f"{cluster.name} is being changed by {lock.owner} ({lock.run.name})."


def last_of(cluster: Cluster) -> int:
    """The key of the cluster's last deployment, or 0: read before AWS is, it tells whether one came in between."""
    return Deployment.objects.filter(cluster=cluster).order_by("-pk").values_list("pk", flat=True).first() or 0


def begin(asked: Asked, now: Callable[[], Preview], later: Callable[[], Preview]) -> Deployment:
    """Starts what `now` finds is to be done; `later` is what is stored of what queues behind another change.

    Raises Refused, Invalid, Busy, and what the two raise; nothing is created then.
    """
    seen = last_of(asked.cluster)
    if asked.queue and is_busy(asked.cluster):
        return start_later(asked, later())
    refuse_if_busy(asked.cluster)
    return start(asked, now(), seen)


def start(asked: Asked, preview: Preview, seen: int, also: Callable[[], None] | None = None) -> Deployment:
    """Starts what was previewed; `also` may write more in the same transaction. Raises Refused, Invalid, Busy.

    `seen` is the cluster's last deployment when the preview was read: a plan made beside another change is refused.
    A freeze that is on refuses it too, unless the preview knows it as overridden; it never refuses to go back.
    """
    preview = _let_through(asked, preview)

    def create(run: Run) -> Deployment:
        if run.planned and last_of(asked.cluster) != seen:
            text = f"{asked.cluster.name} was changed by another deployment in this very moment. Look, then ask again."
            raise Refused((Finding("refuse", "changed-meanwhile", text),))
        made = _row(asked, preview, run)
        tell(made, preview)
        if also:
            also()
        return made

    try:
        return _start(asked, preview.steps, create)
    except IntegrityError:  # the lock was released in this instant
        return _start(asked, preview.steps, create)


def start_later(asked: Asked, preview: Preview) -> Deployment:
    """Stores what is to be done once the cluster is free; its plan is made then. Raises Refused, Invalid.

    `preview` is what is known of it by now: no steps, perhaps findings that refuse it in any case.
    """
    preview = _let_through(asked, preview)

    def create(run: Run) -> Deployment:
        made = _row(asked, preview, run)
        tell(made, preview)
        return made

    return _start(asked, None, create)


def fill(deployment: Deployment, preview: Preview) -> None:
    """Writes down what the plan of a deployment that waited turned out to be."""
    Deployment.objects.filter(pk=deployment.pk).update(**_columns(preview))
    tell_overridden(deployment, preview.overridden, deployment.actor, deployment.reason)


def _let_through(asked: Asked, preview: Preview) -> Preview:
    """The preview with freezes among its findings. Raises Refused; Invalid if an override has no reason.

    What is overridden without being known yet, for it waits its turn or is the guard's, needs its reason now.
    """
    refuse_unfounded(asked.overrides, asked.reason)
    preview = told_of_freezes(asked.kind, asked.cluster, preview).letting_through(asked.overrides)
    if preview.refusals:
        raise Refused(preview.findings)
    return preview


def _start(asked: Asked, steps: Sequence[PlannedStep] | None, create: Callable[[Run], Deployment]) -> Deployment:
    made: list[Deployment] = []

    def created(run: Run) -> None:
        deployment = create(run)
        Run.objects.filter(pk=run.pk).update(called=f"{asked.kind} {deployment.pk}")
        made.append(deployment)

    try:
        workflows.start(
            kind=asked.kind,
            subject=asked.cluster.name,
            steps=steps,
            actor=asked.actor,
            reason=asked.reason,
            lock=lock_name(asked.cluster),
            created=created,
            on_failure=OnFailure(asked.on_failure),
            queue=asked.queue,
        )
    except workflows.Busy as error:
        raise busy(asked.cluster, error.lock) from error
    made[0].run.refresh_from_db()
    return made[0]


def _row(asked: Asked, preview: Preview, run: Run) -> Deployment:
    return Deployment.objects.create(
        kind=asked.kind,
        cluster=asked.cluster,
        strategy=asked.strategy,
        operation=asked.operation,
        options=asked.options,
        overrides=list(asked.overrides),
        actor=asked.actor,
        reason=asked.reason,
        undoes=asked.undoes,
        run=run,
        **_columns(preview),
    )


def _columns(preview: Preview) -> dict[str, Any]:
    return {
        "from_group": preview.from_group,
        "to_group": preview.to_group,
        "from_image": preview.from_image,
        "to_image": preview.to_image,
        "from_version": preview.from_version,
        "to_version": preview.to_version,
        "user_data": preview.user_data.number if preview.user_data else None,
        "findings": [finding.as_json() for finding in preview.findings],
    }


def tell(deployment: Deployment, preview: Preview) -> None:
    """The events of a request: what was asked, and each refusal that was overridden."""
    _event(
        deployment,
        f"deployment.{deployment.kind}.requested",
        f"{deployment.actor} asked: {preview.sentence}",
        deployment.actor,
        deployment.reason,
        before={"group": preview.from_group, "image": preview.from_image, "version": preview.from_version},
        after={"group": preview.to_group, "image": preview.to_image, "version": preview.to_version},
    )
    tell_overridden(deployment, preview.overridden, deployment.actor, deployment.reason)


def tell_overridden(deployment: Deployment, findings: Iterable[Finding], actor: str, reason: str) -> None:
    """An event for each of the findings, which somebody overrode."""
    for finding in findings:
        summary = f"{actor} overrode: {finding.text}"
        _event(deployment, "deployment.overridden", summary, actor, reason, after={"code": finding.code})


def _event(
    deployment: Deployment,
    kind: str,
    summary: str,
    actor: str,
    reason: str,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    cluster = deployment.cluster
    record(
        kind,
        actor=actor,
        subject=cluster.name,
        summary=summary,
        reason=reason,
        before=before,
        after=after,
        run=deployment.run_id,
        environment=cluster.environment.name,
        region=cluster.region,
        cluster=cluster.name,
    )
