"""Watching the new group for a while: capacity that stays too low, or an alarm that goes off, undoes the push."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from apps.cloud.aws.alarms import describe_alarms
from apps.cloud.values import AlarmState
from apps.deployments.health import Health, judge
from apps.deployments.low import Low, watch
from apps.deployments.place import Place, existing, health
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, CloudStep
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait
from apps.workflows.timing import span

LOOK_EVERY = 5.0  # seconds
LOOK_SOON = 2.0  # while capacity is low
SHORTEST = 1.0


@register
class Soak(CloudStep):
    """One replaced instance is no reason to undo; capacity below desired for `unhealthy_for` seconds is.

    So is an alarm in ALARM, however short; one that has too little data is told, one that is gone cannot be watched.
    """

    slug = "soak"
    shares = "waits"
    calls = (*READ_GROUPS, *READ_HEALTH)
    calls_with_alarms = ("cloudwatch:DescribeAlarms",)
    skippable = True
    clocks = CloudStep.clocks | {"low"}

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return (*self.calls, *(self.calls_with_alarms if params.get("alarms") else ()))

    def act(self, context: Context, place: Place) -> Outcome:
        alarms = describe_alarms(place.target, context.params["alarms"]) if context.params.get("alarms") else ()
        return _gone_off(context, alarms) or self._capacity(context, place, _undecided(alarms))

    def _capacity(self, context: Context, place: Place, also: str) -> Outcome:
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
                return Done(f"{state.says}{also}")
            return Wait(max(min(LOOK_EVERY, left), SHORTEST), f"Soaking for {span(left)} more: {state.says}{also}")
        return self._low(context, state, context.elapsed - low.since, left)

    def _low(self, context: Context, state: Health, low: float, left: float) -> Outcome:
        name = context.params["group"]
        says = f"Capacity of {name} is below desired for {span(low)}: {state.says}"
        if not context.params["undo"]:
            return Done(f"Warning: {says}") if left <= 0 else Wait(LOOK_SOON, says)
        if low >= context.params["unhealthy_for"]:
            return Failed(f"{name} stayed below its desired capacity for {span(low)}: {state.says}")
        return Wait(LOOK_SOON, says)


def _gone_off(context: Context, alarms: Sequence[AlarmState]) -> Failed | None:
    """Why an alarm undoes the push, if one does."""
    off = next((alarm for alarm in alarms if alarm.state == "ALARM"), None)
    if off:
        return Failed(
            f"The alarm {off.name} went off: {off.reason}" if off.reason else f"The alarm {off.name} went off."
        )
    gone = sorted(set(context.params.get("alarms", ())) - {alarm.name for alarm in alarms})
    return Failed(f"The alarm {gone[0]} was deleted, so it cannot be watched.") if gone else None


def _undecided(alarms: Sequence[AlarmState]) -> str:
    """A sentence about the alarms that have too little data to tell; empty when all are OK."""
    names = [alarm.name for alarm in alarms if alarm.state != "OK"]
    return f" Too little data for the alarm {', '.join(names)}." if names else ""
