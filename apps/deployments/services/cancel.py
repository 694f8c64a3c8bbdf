"""What a person decides about a deployment: each choice previewed before it happens, and carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.deployments.errors import CannotCancel, Finding
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.workflows import services as workflows
from apps.workflows.kinds import kind, slugs
from apps.workflows.models import Borrowed, Step
from apps.workflows.plans import PlannedStep
from apps.workflows.states import Decision, Phase, StepState

_VERBS = {
    Decision.RETRY: "Try again",
    Decision.UNDO: "Undo",
    Decision.STOP: "Stop as it stands",
    Decision.FORWARD: "Go on with",
}


def decide(deployment_id: int, choice: str, *, actor: str, reason: str = "") -> Deployment:
    """Carries out one of the run's choices (workflows' `choices`), named by its slug. Raises CannotCancel."""
    deployment = _deployment(deployment_id)
    try:
        workflows.decide(deployment.run_id, choice, actor=actor, reason=reason)
    except workflows.CannotDecide as error:
        raise CannotCancel(str(error)) from error
    return _deployment(deployment_id)


def preview_choice(deployment_id: int, choice: str) -> Preview:
    """What the choice would do: the steps that would be undone, left or done, in words and in their order.

    A finding of level refuse says why it cannot be done now.
    """
    deployment = _deployment(deployment_id)
    offered = {each.slug: each for each in workflows.choices(deployment.run)}
    if choice not in offered:
        return _preview(deployment, choice, (), _why_none(deployment, choice))
    if offered[choice].why_not:
        return _preview(deployment, choice, (), offered[choice].why_not)
    return _preview(deployment, choice, _steps(deployment, Decision(choice)))


def preview_choices(deployment: Deployment) -> tuple[tuple[workflows.Choice, Preview | None], ...]:
    """Every choice about a deployment, with what it would do; None where it cannot be done now.

    2 queries at most where its run's steps are loaded.
    """
    return tuple(
        (each, _preview(deployment, each.slug, _steps(deployment, Decision(each.slug))) if each.possible else None)
        for each in workflows.choices(deployment.run)
    )


def cancel(deployment_id: int, *, actor: str, reason: str = "") -> Deployment:
    """Undoes a running deployment; one that can go neither on nor back is stopped. Raises CannotCancel."""
    meant = workflows.cancelling(_deployment(deployment_id).run)
    return decide(deployment_id, meant.slug if meant else Decision.UNDO, actor=actor, reason=reason)


def preview_cancel(deployment_id: int) -> Preview:
    """What cancelling would do, in its order; a finding of level refuse when it cannot be cancelled."""
    deployment = _deployment(deployment_id)
    meant = workflows.cancelling(deployment.run)
    return preview_choice(deployment_id, meant.slug if meant else Decision.UNDO)


def resume(deployment_id: int, *, actor: str, reason: str = "") -> Deployment:
    """Tries the step again of a deployment that asked for a person. Raises CannotCancel if it did not ask."""
    return decide(deployment_id, Decision.RETRY, actor=actor, reason=reason)


def _deployment(deployment_id: int) -> Deployment:
    return Deployment.objects.select_related("run", "cluster__environment").get(pk=deployment_id)


def _why_none(deployment: Deployment, choice: str) -> str:
    if deployment.run.ended:
        state = deployment.run.get_state_display().lower()
        return f"{deployment.kind.capitalize()} {deployment.pk} has ended already: {state}."
    return f"“{choice}” is no choice."


def _preview(deployment: Deployment, choice: str, titles: Iterable[PlannedStep], why_not: str = "") -> Preview:
    back = choice == Decision.UNDO
    ours, theirs = (deployment.to_group, deployment.to_version), (deployment.from_group, deployment.from_version)
    (from_group, from_version), (to_group, to_version) = (ours, theirs) if back else (theirs, ours)
    verb = _VERBS[Decision(choice)] if choice in set(Decision) else "Do nothing about"
    return Preview(
        sentence=f"{verb} {deployment.kind} {deployment.pk} of {deployment.cluster.name}",
        steps=tuple(titles),
        findings=(Finding("refuse", f"cannot-{choice}", why_not),) if why_not else (),
        from_group=from_group,
        to_group=to_group,
        from_version=from_version,
        to_version=to_version,
    )


def _steps(deployment: Deployment, choice: Decision) -> Iterator[PlannedStep]:
    steps = sorted(deployment.run.steps.all(), key=lambda step: step.position)
    rest = [step for step in steps if step.position >= deployment.run.position]
    match choice:
        case Decision.UNDO:
            yield from _undone(steps)
        case Decision.STOP:
            yield from _left(deployment, rest)
        case Decision.RETRY if deployment.run.phase == Phase.UNDO:
            yield from _undone(steps[: deployment.run.position + 1])
        case Decision.RETRY:
            yield from (PlannedStep(step.kind, step.title) for step in rest)
        case Decision.FORWARD:
            yield from (PlannedStep(step.kind, f"Left out: {step.title}") for step in rest[:1])
            yield from (PlannedStep(step.kind, step.title) for step in rest[1:])


def _undone(steps: list[Step]) -> Iterator[PlannedStep]:
    """What is put back, last first: the steps that have begun and are not put back yet."""
    for step in reversed(steps):
        title = getattr(kind(step.kind), "undo_title", "") if step.kind in slugs() else ""
        if title and step.state not in {StepState.PENDING, StepState.UNDONE}:
            yield PlannedStep(step.kind, title.format(group=step.params.get("group", "")))


def _left(deployment: Deployment, rest: list[Step]) -> Iterator[PlannedStep]:
    """What a stop gives back, what it leaves changed, and what is not done any more."""
    for item in Borrowed.objects.filter(run=deployment.run, repaid_at__isnull=True):
        yield PlannedStep("left" if item.keep else "repay", f"{'Stays' if item.keep else 'Given back'}: {item.says}")
    for step in rest if deployment.run.phase == Phase.FORWARD else ():
        yield PlannedStep(step.kind, f"Not done: {step.title}")
