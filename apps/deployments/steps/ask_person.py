"""Asking a person whether to go on; going on is the choice "forward", going back the undo."""

from __future__ import annotations

from apps.workflows.context import Context
from apps.workflows.kinds import StepKind, register
from apps.workflows.plans import NeedsPerson, Outcome


@register
class AskPerson(StepKind):
    """Asks whenever it is looked at: only a person's choice takes the run past it."""

    slug = "ask-person"
    skippable = True

    def run(self, context: Context) -> Outcome:
        return NeedsPerson(context.params["question"])
