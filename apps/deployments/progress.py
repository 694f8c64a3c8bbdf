"""A deployment in words: how far it is, what it waits for, how it ended and what can be done next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from apps.deployments import operations
from apps.deployments.models import Deployment
from apps.workflows.models import Run, Step
from apps.workflows.selectors import holder, queued
from apps.workflows.states import RunState, StepState
from apps.workflows.timing import in_all, span


@dataclass(frozen=True)
class Progress:
    """`sentence` is what is going on, or how it ended; `next_hint` what to do now. Times are seconds.

    `expected_seconds` is None where nobody can tell how long all of it takes.
    """

    sentence: str
    done_steps: int
    total_steps: int
    elapsed_seconds: float
    expected_seconds: float | None
    next_hint: str = ""

    @property
    def fraction(self) -> float:
        """How far it is, 0 to 1, by the expected times of its steps."""
        return min(self.elapsed_seconds / self.expected_seconds, 0.99) if self.expected_seconds else 0.0


def progress(deployment: Deployment) -> Progress:
    """How far a deployment is; its steps should be prefetched."""
    steps = list(deployment.run.steps.all())
    done = [step for step in steps if step.state == StepState.DONE]
    sentence, hint = _ended(deployment) if deployment.run.ended else (_now(deployment, steps), "")
    return Progress(
        sentence=sentence,
        done_steps=len(done),
        total_steps=len(steps),
        elapsed_seconds=_elapsed(deployment.run.started_at, deployment.run.ended_at),
        expected_seconds=in_all(steps),
        next_hint=hint,
    )


def _now(deployment: Deployment, steps: list[Step]) -> str:
    run = deployment.run
    present = next((step for step in steps if step.state in {StepState.RUNNING, StepState.UNDOING}), None)
    if run.state == RunState.QUEUED:
        return run.says or (_turn(run) if not run.planned else "Waiting for a worker to begin.")
    if run.state == RunState.UNDOING:
        return f"Undoing. {run.failure} {run.says}".strip()
    if run.says:
        return run.says
    return f"{present.title}." if present else "Finishing."


def _turn(run: Run) -> str:
    """What a run waits for that was accepted while its cluster was busy."""
    lock = holder(run.resource)
    if lock is None or lock.run_id == run.pk:
        return "It is its turn; the plan is being made."
    before = queued().filter(resource=run.resource, pk__lt=run.pk).count()
    others = f", and then {before} more," if before else ""
    return f"Waiting until {lock.run.name} of {lock.owner}{others} {'have' if before else 'has'} ended."


def _ended(deployment: Deployment) -> tuple[str, str]:
    run = deployment.run
    after = span(_elapsed(run.started_at or run.created_at, run.ended_at))
    if run.state == RunState.SUCCEEDED:
        return _succeeded(deployment, after)
    if run.state == RunState.UNDONE:
        stays = f"{deployment.from_group} serves as before." if deployment.kind == Deployment.Kind.PUSH else ""
        return f"Undone after {after}. {run.failure}".strip(), stays
    if run.state == RunState.CANCELLED:
        return (run.failure or "Cancelled before anything was changed."), ""
    if deployment.kind == Deployment.Kind.CLEAN_UP:
        return f"{deployment.from_group} was not deleted. {run.failure}".strip(), "It is tried again later."
    hint = "What it had borrowed is given back by itself. Look at what else is left, and put that right by hand."
    return f"Failed after {after}. {run.failure}".strip(), hint


def _succeeded(deployment: Deployment, after: str) -> tuple[str, str]:
    if deployment.kind == Deployment.Kind.CLEAN_UP:
        if why := deployment.run.facts.get("left_alone"):
            return f"{deployment.from_group} {why}, so it was left alone.", ""
        return f"{deployment.from_group} was deleted, in {after}.", ""
    if deployment.kind == Deployment.Kind.SCAFFOLD:
        serves = f" {deployment.to_group} serves." if deployment.to_group else ""
        return f"{deployment.cluster.name} is scaffolded, after {after}.{serves}", ""
    if deployment.kind == Deployment.Kind.REMOVAL:
        return f"What was scaffolded for {deployment.cluster.name} is removed, after {after}.", ""
    if deployment.kind == Deployment.Kind.CHANGE:
        return _changed(deployment, after)
    version = f" ({deployment.to_version})" if deployment.to_version else ""
    return f"{deployment.to_group}{version} serves all traffic, after {after}.", ""


def _changed(deployment: Deployment, after: str) -> tuple[str, str]:
    """What was done, in the words of its first step."""
    if why := deployment.run.facts.get("left_alone"):
        return f"{deployment.from_group} {why}, so it was left alone.", ""
    if deployment.to_group:
        version = f" ({deployment.to_version})" if deployment.to_version else ""
        hint = "Give it traffic on its page; the next push deletes it."
        return f"{deployment.to_group}{version} stands by without traffic, after {after}.", hint
    steps = list(deployment.run.steps.all())
    done = [step.title for step in steps if step.state == StepState.DONE]
    if len(done) > 2 and deployment.operation in operations.all():  # its first step is not what it is about
        return f"{operations.all()[deployment.operation].title}, {deployment.from_group}: done after {after}.", ""
    return f"{done[0] if done else 'Nothing was done'}: ended after {after}.", ""


def _elapsed(since: datetime | None, until: datetime | None) -> float:
    return ((until or timezone.now()) - since).total_seconds() if since else 0.0
