"""The choices about a deployment from rows: what each would do is read before it is offered."""

from __future__ import annotations

from apps.console.pages.decide import ChoiceCard
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.workflows.models import Step
from apps.workflows.selectors import Choice
from apps.workflows.states import Decision

QUESTION = "ask-person"  # the kind of step that does nothing but ask


def choice_cards(deployment: Deployment) -> tuple[ChoiceCard, ...]:
    """Every choice about a deployment that has not ended, in the engine's order; its steps should be prefetched."""
    run = deployment.run
    step = next((each for each in run.steps.all() if each.position == run.position), None)
    offered = services.preview_choices(deployment)
    return tuple(_card(deployment, choice, preview, step) for choice, preview in offered)


def _button(decision: Decision, deployment: Deployment, *, asked: bool) -> str:
    name = f"{deployment.kind} {deployment.pk}"
    words = {
        Decision.RETRY: "Try it again",
        Decision.UNDO: f"Undo {name}",
        Decision.STOP: f"Stop {name} here",
        Decision.FORWARD: f"Go on with {name}" if asked else f"Go on with {name} without it",
    }
    return words[decision]


def _card(deployment: Deployment, choice: Choice, preview: Preview | None, step: Step | None) -> ChoiceCard:
    decision = Decision(choice.slug)
    asked = step is not None and step.kind == QUESTION
    title, says = str(decision.label), choice.says
    if asked and decision == Decision.FORWARD:
        title, says = "Go on", "The answer is yes: what comes next is done."
    steps = tuple(each.title for each in preview.steps) if preview else ()
    return ChoiceCard(
        slug=choice.slug,
        title=title,
        says=says,
        button=_button(decision, deployment, asked=asked),
        why_not=choice.why_not,
        primary=decision == (Decision.FORWARD if asked else Decision.RETRY),
        danger=decision in {Decision.UNDO, Decision.STOP},
        steps=steps,
    )
