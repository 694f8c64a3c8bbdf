"""Sizing groups: the new one before it is healthy, any to the present load, and its own size again in the end."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from apps.cloud.aws import autoscaling
from apps.cloud.errors import NotFound
from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.ledger import SIZE, fitting, going_back, pin, resized, sizes
from apps.deployments.place import APPEARS_WITHIN, Place, existing, find, standing
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, CloudStep, pause, tell
from apps.deployments.weights import part
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

OWN = "own_bounds"  # of what a step gave back, in its memory, then in facts: when, and by group, to what from which
HELD_FOR = 60.0  # seconds for which a group that is too large waits to be made smaller
OWN_SHOWN_WITHIN = 60.0  # seconds, by clocks that may differ a little, after which AWS shows them
EMPTY = {"min": 0, "max": 0, "desired": 0}  # as groups are created


def load_of(group: GroupState) -> int:
    """How many instances a group needs now: what Auto Scaling wants, or what is in service while it scales in."""
    return max(group.desired, len(group.in_service), 1)


def pinned(context: Context, place: Place, name: str) -> bool:
    """Whether a group's size is held by us: then it says nothing of the load."""
    return context.owed(SIZE, place.resource(name)) is not None


def held_at(context: Context, place: Place, group: GroupState) -> int:
    """The size at which a group is held: its min, which a read may show late."""
    item = context.owed(SIZE, place.resource(group.name))
    ours: list[int] = (item.changed_to or {}).get("min", []) if item else []
    return max([group.min_size, *ours[-1:]])


def lifted(context: Context, place: Place, name: str) -> bool:
    """Whether a group was brought to a size by us: then that size is the load as we know it."""
    item = context.owed(SIZE, place.resource(name))
    return item is not None and "desired" in {*item.original, *(item.changed_to or {})}


def demand(context: Context, place: Place, group: GroupState) -> int:
    """How many instances the load on a group needs, as far as its size tells.

    Of one that we hold at a size, only what it grew beyond that tells; and the load it was sized for, where policies
    say what that is.
    """
    if not pinned(context, place, group.name):
        return load_of(group)
    load: int = context.facts.get("load", 1)
    return max(load, group.desired if group.desired > held_at(context, place, group) else 1)


def lift(context: Context, place: Place, group: GroupState, need: int) -> None:
    """Brings a group that is to carry the traffic to `need` instances, if it has fewer; its min is held there.

    Min and max go back when the run ends, desired stays.
    """
    if group.desired >= need:
        return
    before, top = own_bounds(context, group), max(need, group.max_size)
    pin(context, place, group.name, before, {**sizes(group), **before}, min=need, max=top, desired=need)
    tell(context, resized(place, group.name, sizes(group), {"min": need, "max": top, "desired": need}))
    # AWS raises desired to the min by itself: what it grew to since the read is not lowered
    raised = top if top > before["max"] else None
    autoscaling.update_group(place.target, group.name, min_size=need, max_size=raised)


def keep_min(context: Context, place: Place, group: GroupState) -> None:
    """Holds the min of a group at the size it has, so that it may grow by itself, and not shrink."""
    before, need = own_bounds(context, group), _least(context, place, group)
    if before["min"] >= need:
        return
    pin(context, place, group.name, before, {**sizes(group), **before}, min=need)
    tell(context, resized(place, group.name, {"min": before["min"]}, {"min": need}))
    autoscaling.update_group(place.target, group.name, min_size=need)


def _least(context: Context, place: Place, group: GroupState) -> int:
    """What a group shall not shrink below: the size it has, or had when we held it there if nobody lowered it since."""
    item = context.owed(SIZE, place.resource(group.name))
    ours = (item.changed_to or {}).get("min", []) if item else []
    if item and ours and group.min_size in {item.original["min"], *ours}:  # perhaps as it was before
        return max(group.desired, min(int(ours[-1]), group.max_size))
    return group.desired


def own_bounds(context: Context, group: GroupState) -> dict[str, int]:
    """A group's min and max; what was given back just now is so, though AWS may show for a while what we had set."""
    known = context.memory.get(OWN) or context.facts.get(OWN) or {"at": 0.0, "of": {}}
    given = known["of"].get(group.name, {}) if abs(time.time() - known["at"]) < OWN_SHOWN_WITHIN else {}
    bounds = {"min": group.min_size, "max": group.max_size}
    for member, (own, ours) in given.items():
        bounds[member] = own if bounds[member] in ours else bounds[member]
    return bounds


def load_by_parts(context: Context, group: GroupState, rest: GroupState) -> int:
    """How many instances the whole load needs, where `group` has a part of it by weights and `rest` has the others.

    The size of either tells of its own part alone, and only what it grew beyond the size at which we hold it. Never
    more than the max of `rest`. 0 where no part has moved.
    """
    percent: float = context.facts.get("share", 0)
    load: int = context.facts.get("load", 0)
    if not percent:
        return 0
    parts = ((group, percent, part(load, percent)), (rest, 100 - percent, load))
    grown = [math.ceil(one.desired * 100 / has) for one, has, then in parts if one.desired > max(one.min_size, then)]
    return max(load, min(max(grown, default=0), rest.max_size))


def load_together(context: Context, place: Place, group: GroupState, rest: GroupState) -> int:
    """How many instances the load needs, where both groups serve side by side in the same target groups.

    What `group` grew to beyond the size at which we hold it carries load beside all of `rest`. Never more than the max
    of `rest`. 0 where nothing tells, or `rest` was brought to the load already.
    """
    if not set(group.registered_with) & set(rest.registered_with) or lifted(context, place, rest.name):
        return 0
    beyond = len(group.in_service) - held_at(context, place, group)
    return min(load_of(rest) + beyond, rest.max_size) if beyond > 0 and pinned(context, place, group.name) else 0


def remembered(context: Context, load: int) -> int:
    """The greatest load that a step has seen: a group that was brought to it says no more of it by its size."""
    seen: int = context.memory.get("load", 0)
    if load > seen:
        context.remember(load=load)
    return max(load, seen)


@register
class SizeGroup(CloudStep):
    """Pins min, and raises max if need be, so that nothing shrinks the group before its traffic has come."""

    slug = "size-group"
    calls = ("autoscaling:UpdateAutoScalingGroup",)

    def act(self, context: Context, place: Place) -> Outcome:
        name, size, top, final = (context.params[key] for key in ("group", "size", "max", "final"))
        pin(context, place, name, final, EMPTY, min=size, max=top)
        try:
            autoscaling.update_group(place.target, name, min_size=size, max_size=top, desired=size)
        except NotFound:  # a group just created is not known everywhere at once
            if context.elapsed < APPEARS_WITHIN:
                return Wait(pause(context), f"{name} was just created, and AWS does not know it everywhere yet.")
            return Failed(f"{name} was deleted by somebody else.")
        # counts where the serving group scales by itself: it shrinks once the new one shares its load
        facts = {"load": context.params["load"]} if context.params.get("load") else {}
        return Done(facts=facts, changes=(resized(place, name, EMPTY, {"min": size, "max": top, "desired": size}),))


@register
class RestoreSize(CloudStep):
    """Gives a group the min and max it shall have, and the size of the group whose traffic it took.

    Never less than Auto Scaling wants of either of them now. `chosen` are the min and max asked for; what is not chosen
    is as the other group has it now, for a scheduled action may have changed it since the push began.
    """

    slug = "restore-size"
    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, "autoscaling:UpdateAutoScalingGroup")

    def act(self, context: Context, place: Place) -> Outcome:
        name, other = context.params["group"], context.params["as"]
        item = context.owed(SIZE, place.resource(name))
        if item is None:
            return Done("nothing was held")
        found = find(context, place, name, other)
        group, left = standing(found, name), found.get(other)
        stands = left if left and not left.status else None
        load = max(stands.desired if stands else group.desired, item.original.get("desired", 0))
        back, but = going_back(item, group)
        bounds = self._bounds(context, place, back, item.original, stands)
        top = bounds["max"] if context.params.get("clip", True) else math.inf
        needs = max(load, min(demand(context, place, group), top))
        load = int(min(needs, top))
        after = fitting(bounds, load)
        held = self._held(context, place, group, after["desired"], int(needs))
        if held and context.elapsed < HELD_FOR:
            return Wait(pause(context), held)
        if held:  # nothing depends on it: the group keeps what it has
            after, but = fitting(bounds, group.desired), f"{but} (desired stays: {held})"
        meant = after["desired"] if after["desired"] != group.desired else None  # what it grew to since stands
        autoscaling.update_group(place.target, name, min_size=after["min"], max_size=after["max"], desired=meant)
        says = f"min {after['min']}, max {after['max']}, desired {after['desired']}"
        return Done(says, changes=(resized(place, name, sizes(group), after, but),), repaid=(item.pk,))

    def _held(self, context: Context, place: Place, group: GroupState, desired: int, load: int) -> str:
        """Why the group may not shrink so far yet; empty when it may, or does not shrink."""
        if desired >= group.desired:
            return ""
        return guard.hold_back(context, place, guard.Loss(group, frozenset(), keeps=desired, load=load))

    def _bounds(
        self,
        context: Context,
        place: Place,
        back: Mapping[str, int],
        original: Mapping[str, int],
        left: GroupState | None,
    ) -> dict[str, int]:
        """Min and max in the end: what somebody changed on the group itself meanwhile stays as it is."""
        chosen = context.params.get("chosen")
        if chosen is None or left is None or pinned(context, place, left.name):
            return dict(back)
        live = own_bounds(context, left)
        ours = {member for member in live if back[member] == original[member] and chosen[member] is None}
        return {member: live[member] if member in ours else back[member] for member in live}


@register
class RaiseGroup(CloudStep):
    """Brings a group that stood by to the present load, before it takes traffic again."""

    slug = "raise-group"
    calls = (*READ_GROUPS, "autoscaling:UpdateAutoScalingGroup")
    undo_title = "Give {group} its former size"

    def act(self, context: Context, place: Place) -> Outcome:
        name, other = context.params["group"], context.params["as"]
        group = existing(context, place, name)
        serving = find(context, place, other).get(other)
        item = context.owed(SIZE, place.resource(name))
        before = item.original if item else sizes(group)
        load = load_of(serving) if serving else 0
        size = max(before.get("desired", group.desired), load)
        top = max(size, group.max_size)
        pin(context, place, name, before, sizes(group), min=size, max=top, desired=size)
        autoscaling.update_group(place.target, name, min_size=size, max_size=top, desired=size)
        change = resized(place, name, sizes(group), {"min": size, "max": top, "desired": size})
        return Done(f"desired {group.desired} → {size}", {"load": load}, (change,))
