"""Starting the run of a deployment: row, run, lock and event in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError

from apps.deployments.errors import Busy, Finding, Invalid, Refused
from apps.deployments.freezes import told_of_freezes
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.events.services import record
from apps.inventory.models import Cluster
from apps.workflows import services as workflows
from apps.workflows.models import Lock, Run


@dataclass(frozen=True)
class Asked:
    """Who asked for what, and why."""

    kind: str
    cluster: Cluster
    actor: str
    reason: str
    strategy: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    undoes: Deployment | None = None


def lock_name(cluster: Cluster) -> str:
    """The one lock of a cluster, for every kind of operation."""
    return f"cluster:{cluster.environment.name}/{cluster.region}/{cluster.name}"


def refuse_if_busy(cluster: Cluster) -> None:
    """Raises Busy if somebody changes the cluster now."""
    lock = workflows.holder(lock_name(cluster))
    if lock:
        raise busy(cluster, lock)


def told_if_busy(cluster: Cluster, preview: Preview) -> Preview:
    """The preview, with a finding that refuses it while somebody changes the cluster."""
    lock = workflows.holder(lock_name(cluster))
    if lock is None:
        return preview
    finding = Finding("refuse", "busy", str(busy(cluster, lock)), f"run {lock.run_id}")
    return replace(preview, findings=(*preview.findings, finding))


def busy(cluster: Cluster, lock: Lock) -> Busy:
    deployment = Deployment.objects.filter(run_id=lock.run_id).first()
    what = f"{deployment.kind} {deployment.pk}" if deployment else f"run {lock.run_id}"
    text = f"{cluster.name} is being changed by {lock.owner} ({what}). Wait for it to end, or cancel it."
    return Busy(lock.owner, lock.run_id, deployment.pk if deployment else None, text)


def last_of(cluster: Cluster) -> int:
    """The key of the cluster's last deployment, or 0: read before AWS is, it tells whether one came in between."""
    return Deployment.objects.filter(cluster=cluster).order_by("-pk").values_list("pk", flat=True).first() or 0


def start(asked: Asked, preview: Preview, seen: int, also: Callable[[], None] | None = None) -> Deployment:
    """Starts what was previewed; `also` may write more in the same transaction. Raises Refused, Invalid, Busy.

    `seen` is the cluster's last deployment when the preview was read: a plan made beside another change is refused.
    A freeze that is on refuses it too, unless the preview knows it as overridden; it never refuses to go back.
    """
    preview = told_of_freezes(asked.kind, asked.cluster, preview)
    if preview.refusals:
        raise Refused(preview.findings)
    if preview.overridden and not asked.reason.strip():
        raise Invalid({"reason": ["Say why: what is overridden is recorded with its reason."]})

    def create(run: Run) -> Deployment:
        if last_of(asked.cluster) != seen:
            text = f"{asked.cluster.name} was changed by another deployment in this very moment. Look, then ask again."
            raise Refused((Finding("refuse", "changed-meanwhile", text),))
        made = _row(asked, preview, run)
        _event(asked, preview, made, run)
        if also:
            also()
        return made

    try:
        return _start(asked, preview, create)
    except IntegrityError:  # the lock was released in this instant
        return _start(asked, preview, create)


def _start(asked: Asked, preview: Preview, create: Callable[[Run], Deployment]) -> Deployment:
    made: list[Deployment] = []
    try:
        workflows.start(
            kind=asked.kind,
            subject=asked.cluster.name,
            steps=preview.steps,
            actor=asked.actor,
            reason=asked.reason,
            lock=lock_name(asked.cluster),
            created=lambda run: made.append(create(run)),
        )
    except workflows.Busy as error:
        raise busy(asked.cluster, error.lock) from error
    return made[0]


def _row(asked: Asked, preview: Preview, run: Run) -> Deployment:
    return Deployment.objects.create(
        kind=asked.kind,
        cluster=asked.cluster,
        strategy=asked.strategy,
        options=asked.options,
        actor=asked.actor,
        reason=asked.reason,
        from_group=preview.from_group,
        to_group=preview.to_group,
        from_image=preview.from_image,
        to_image=preview.to_image,
        from_version=preview.from_version,
        to_version=preview.to_version,
        findings=[vars(finding) for finding in preview.findings],
        undoes=asked.undoes,
        run=run,
    )


def _event(asked: Asked, preview: Preview, deployment: Deployment, run: Run) -> None:
    record(
        f"deployment.{asked.kind}.requested",
        actor=asked.actor,
        subject=asked.cluster.name,
        summary=f"{asked.actor} asked: {preview.sentence}",
        reason=asked.reason,
        before={"group": preview.from_group, "image": preview.from_image, "version": preview.from_version},
        after={"group": preview.to_group, "image": preview.to_image, "version": preview.to_version},
        run=run.pk,
        environment=asked.cluster.environment.name,
        region=asked.cluster.region,
        cluster=asked.cluster.name,
    )
    for finding in preview.overridden:
        record(
            "deployment.overridden",
            actor=asked.actor,
            subject=asked.cluster.name,
            summary=f"{asked.actor} overrode: {finding.text}",
            reason=asked.reason,
            after={"code": finding.code},
            run=run.pk,
            environment=asked.cluster.environment.name,
            region=asked.cluster.region,
            cluster=asked.cluster.name,
        )
