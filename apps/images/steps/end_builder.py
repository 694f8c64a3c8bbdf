"""Terminating the builder once its image is there."""

from __future__ import annotations

from apps.images.models import Bake
from apps.images.steps.base import BakeStep
from apps.images.steps.launch_builder import END, READ, terminated
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Outcome


@register
class EndBuilder(BakeStep):
    slug = "end-builder"
    calls = (READ, END)

    def act(self, context: Context, bake: Bake) -> Outcome:
        return terminated(context, bake, surely=True)
