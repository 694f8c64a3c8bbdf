"""Cancelling a deployment, previewing what that undoes, and going on where a person was asked."""

from __future__ import annotations

from apps.deployments.errors import CannotCancel, Finding
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.workflows import services as workflows
from apps.workflows.kinds import kind, slugs
from apps.workflows.models import Step
from apps.workflows.plans import PlannedStep
from apps.workflows.states import StepState


def cancel(deployment_id: int, *, actor: str, reason: str = "") -> Deployment:
    """Stops a running deployment and undoes what it did. Raises CannotCancel."""
    deployment = _deployment(deployment_id)
    try:
        workflows.cancel(deployment.run_id, actor=actor, reason=reason)
    except workflows.CannotCancel as error:
        raise CannotCancel(str(error)) from error
    return _deployment(deployment_id)


def preview_cancel(deployment_id: int) -> Preview:
    """What the undo would do, in its order; a finding of level refuse when it cannot be cancelled."""
    deployment = _deployment(deployment_id)
    why = workflows.why_not_cancel(deployment.run)
    steps = () if why else tuple(_undo(step) for step in deployment.run.steps.order_by("-position") if _begun(step))
    findings = (Finding("refuse", "cannot-cancel", why),) if why else ()
    return Preview(
        sentence=f"Cancel {deployment.kind} {deployment.pk} of {deployment.cluster.name}",
        steps=tuple(step for step in steps if step.title),
        findings=findings,
        from_group=deployment.to_group,
        to_group=deployment.from_group,
        from_version=deployment.to_version,
        to_version=deployment.from_version,
    )


def resume(deployment_id: int, *, actor: str, reason: str = "") -> Deployment:
    """Goes on with a deployment that asked for a person. Raises CannotCancel if it did not ask."""
    deployment = _deployment(deployment_id)
    try:
        workflows.resume(deployment.run_id, actor=actor, reason=reason)
    except workflows.CannotCancel as error:
        raise CannotCancel(str(error)) from error
    return _deployment(deployment_id)


def _deployment(deployment_id: int) -> Deployment:
    return Deployment.objects.select_related("run", "cluster__environment").get(pk=deployment_id)


def _begun(step: Step) -> bool:
    return step.state != StepState.PENDING


def _undo(step: Step) -> PlannedStep:
    title = getattr(kind(step.kind), "undo_title", "") if step.kind in slugs() else ""
    return PlannedStep(step.kind, title.format(group=step.params.get("group", "")))
