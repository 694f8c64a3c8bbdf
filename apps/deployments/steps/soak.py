"""Watching the new group for a while; undoing by itself when its healthy capacity stays too low for too long."""

from __future__ import annotations

from apps.deployments.health import judge
from apps.deployments.steps.base import CloudStep, Place, groups, health
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

LOOK_EVERY = 5.0  # seconds


@register
class Soak(CloudStep):
    """One replaced instance is no reason to undo; capacity below desired for `unhealthy_for` seconds is."""

    slug = "soak"

    def act(self, context: Context, place: Place) -> Outcome:
        name, seconds = context.params["group"], context.params["seconds"]
        group = groups(place, name).get(name)
        if group is None or group.status:
            return Failed(f"{name} was deleted by somebody else.")
        state = judge(group, max(group.desired, 1), health(place, group.target_groups))
        left = max(seconds - context.elapsed, 0.0)
        look = min(LOOK_EVERY, max(left, 0.5))
        if state.whole:
            if context.memory.get("low_since") is not None:
                context.remember(low_since=None)
            return Done(state.says) if left <= 0 else Wait(look, f"Soaking for {_span(left)} more: {state.says}")
        since = context.memory.get("low_since")
        if since is None:
            since = context.elapsed
            context.remember(low_since=since)
        low = context.elapsed - since
        if context.params["undo"] and low >= context.params["unhealthy_for"]:
            return Failed(f"{name} stayed below its desired capacity for {_span(low)}: {state.says}")
        return Wait(min(look, 2.0), f"Capacity of {name} is below desired for {_span(low)}: {state.says}")


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
