"""Moving traffic from one group to another, by the cluster's traffic driver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from apps.deployments import drivers
from apps.deployments.kept import end_kept, reopen_kept
from apps.deployments.place import Place, find
from apps.deployments.steps.base import READ_GROUPS
from apps.deployments.steps.by_driver import DriverStep
from apps.deployments.steps.hold import HOLD, scales_again
from apps.deployments.steps.size_group import OWN, demand, load_by_parts, load_of
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome


def give_back(context: Context, place: Place, name: str, stays: str, *, in_part: bool = False) -> Outcome:
    """Traffic goes back to `name`, at the load of `stays`, as far as that tells by its size.

    `in_part`: `stays` has no more than a part of it, and `name` the others.
    """
    driver, need = drivers.of(context), 1
    if context.owed(driver.borrows, place.resource(name)):
        found = find(context, place, name, stays)
        group, serving = found.get(name), found.get(stays)
        need = demand(context, place, serving) if serving and not serving.status else 1
        if in_part and serving and group:
            need = max(need, load_by_parts(context, serving, group))
    return driver.give(context, place, name, stays, need)


@register
class TakeTraffic(DriverStep):
    """All traffic goes to `stays`; `group`, is held at its size, by the driver, just before."""

    slug = "take-traffic"
    calls = (*READ_GROUPS, *HOLD, "autoscaling:UpdateAutoScalingGroup")
    clocks = DriverStep.clocks | {"at_zero", "moved_to", "nowhere"}
    undo_title = "Give traffic to {group} again, at the present load, and wait until it is wholly healthy"

    def shares_for(self, params: Mapping[str, Any]) -> str:
        return "end" if drivers.get(params.get("driver", drivers.SHARED)).shares else ""

    def act(self, context: Context, place: Place) -> Outcome:
        name, stays, need = context.params["group"], context.params["stays"], context.facts.get("load", 1)
        if context.params.get("together"):
            need = max(need, _together(context, place, name, stays))
        outcome = drivers.of(context).take(context, place, name, stays, need)
        if not isinstance(outcome, Done):
            return outcome
        facts = {OWN: context.memory[OWN]} if OWN in context.memory else {}
        if "load" in context.memory:  # grown while both served side by side
            facts["load"] = max(need, context.memory["load"])
        return replace(outcome, facts={**outcome.facts, **facts})

    def revert(self, context: Context, place: Place) -> Outcome:
        name, stays = context.params["group"], context.params["stays"]
        if context.params.get("together"):  # it had no more than a part
            outcome = drivers.of(context).put_back(context, place, name, stays)
        else:
            outcome = give_back(context, place, name, stays)
        return scales_again(context, place, name, outcome) if isinstance(outcome, Done) else outcome


def _together(context: Context, place: Place, name: str, stays: str) -> int:
    """How many instances the load needs that two groups carry side by side, each scaling by its own part of it.

    As it was when the step began; never more than the max of the one that stays.
    """
    known: int | None = context.memory.get("together")
    if known is not None:
        return known
    found = find(context, place, name, stays)
    both = [found[each] for each in (name, stays) if each in found]
    load = min(sum(map(load_of, both)), found[stays].max_size) if len(both) > 1 else 1
    context.remember(together=load)
    return load


@register
class ShareTraffic(DriverStep):
    """A part of the traffic goes to `group`, for a while or as a step on the way to all of it; `stays` has the rest."""

    slug = "share-traffic"
    calls = (*READ_GROUPS, "autoscaling:UpdateAutoScalingGroup")
    clocks = DriverStep.clocks | {"moved_to", "nowhere"}
    undo_title = "Take traffic from {group} again"

    def act(self, context: Context, place: Place) -> Outcome:
        name, stays, percent = (context.params[key] for key in ("group", "stays", "percent"))
        return drivers.of(context).share(context, place, name, stays, percent)

    def revert(self, context: Context, place: Place) -> Outcome:
        """The first of several to be undone moves all of it back at once."""
        return give_back(context, place, context.params["stays"], context.params["group"], in_part=True)


@register
class GiveTraffic(DriverStep):
    """The way back: a group that stood by takes traffic again."""

    slug = "give-traffic"
    calls = (*READ_GROUPS, "autoscaling:UpdateAutoScalingGroup")
    clocks = DriverStep.clocks | {"at_zero", "moved_to", "nowhere"}
    undo_title = "Take traffic from {group} again"

    def act(self, context: Context, place: Place) -> Outcome:
        outcome = give_back(context, place, context.params["group"], context.params["stays"])
        if isinstance(outcome, Done):
            return replace(outcome, also=(partial(end_kept, context.params["arn"]),))
        return outcome

    def revert(self, context: Context, place: Place) -> Outcome:
        name, stays = context.params["group"], context.params["stays"]
        need = max(context.facts.get("load", 1), 1)
        outcome = drivers.of(context).take(context, place, name, stays, need)
        if isinstance(outcome, Done):
            return replace(outcome, also=(partial(reopen_kept, context.params["arn"]),))
        return outcome
