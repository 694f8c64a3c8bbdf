"""Watching the new group for a while; undoing by itself when its healthy capacity stays too low for too long."""

from __future__ import annotations

from dataclasses import asdict

from apps.deployments.health import Health, judge
from apps.deployments.low import Low, watch
from apps.deployments.place import Place, existing, health
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, CloudStep
from apps.deployments.timing import span
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

LOOK_EVERY = 5.0  # seconds
LOOK_SOON = 2.0  # while capacity is low
SHORTEST = 1.0


@register
class Soak(CloudStep):
    """One replaced instance is no reason to undo; capacity below desired for `unhealthy_for` seconds is."""

    slug = "soak"
    calls = (*READ_GROUPS, *READ_HEALTH)
    skippable = True
    clocks = CloudStep.clocks | {"low"}

    def act(self, context: Context, place: Place) -> Outcome:
        group = existing(context, place, context.params["group"])
        targets = health(place, group.registered_with)
        state = judge(group, max(group.desired, 1), targets)
        before = Low(**context.memory["low"]) if context.memory.get("low") else None
        low = None if state.whole else watch(before, group, targets, context.elapsed)
        if low != before:
            context.remember(low=asdict(low) if low else None)
        left = context.params["seconds"] - context.elapsed
        if low is None:
            if left <= 0:
                return Done(state.says)
            return Wait(max(min(LOOK_EVERY, left), SHORTEST), f"Soaking for {span(left)} more: {state.says}")
        return self._low(context, state, context.elapsed - low.since, left)

    def _low(self, context: Context, state: Health, low: float, left: float) -> Outcome:
        name = context.params["group"]
        says = f"Capacity of {name} is below desired for {span(low)}: {state.says}"
        if not context.params["undo"]:
            return Done(f"Warning: {says}") if left <= 0 else Wait(LOOK_SOON, says)
        if low >= context.params["unhealthy_for"]:
            return Failed(f"{name} stayed below its desired capacity for {span(low)}: {state.says}")
        return Wait(LOOK_SOON, says)
