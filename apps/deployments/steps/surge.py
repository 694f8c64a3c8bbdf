"""Replacing instances the new before the old: the group is given more than it needs, and each end takes one back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState, MemberState
from apps.deployments import guard
from apps.deployments.health import healthy_anywhere, healthy_everywhere
from apps.deployments.ledger import SIZE, fitting, going_back, pin, resized, sizes
from apps.deployments.place import APPEARS_WITHIN, Place, existing, health
from apps.deployments.replacement import (
    Act,
    GiveBack,
    Healthy,
    Look,
    Raise,
    Terminate,
    is_going,
    surge_in,
    wish_of,
)
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, REFUSED, CloudStep, pause, tell
from apps.workflows.context import Context
from apps.workflows.counting import instances
from apps.workflows.plans import Change, Done, Outcome, Wait

Decide = Callable[[GroupState, Healthy, int], Act]  # by the group, who is healthy in it, and how much of it is surge


class Surging(CloudStep):
    """What a step shares that raises a group above what Auto Scaling wants, to end others once the new ones serve.

    Its memory: `sizing` is what was last done about the size, `ending` the instance that AWS was told to end and may
    only be late to show, `ended` those that surely go.
    """

    calls: ClassVar[tuple[str, ...]] = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
    )
    clocks = CloudStep.clocks | {"ending_at", "sizing_at"}

    def turn(self, context: Context, place: Place, decide: Decide, rounds: int) -> Outcome:
        """One look at the group, and the next acts; at most so many ends, and at least one act."""
        for _ in range(max(rounds, 1)):
            group = _seen(context, existing(context, place, context.params["group"]))
            if not _settled(context, place, group):
                return Wait(pause(context), f"Waiting until AWS shows the new size of {group.name}.")
            act = decide(group, self.healthy(place, group), surge_of(context))
            loss = loss_by(context, group, act)
            held = guard.hold_back(context, place, loss) if loss else ""
            if held:
                return Wait(pause(context), held)
            if isinstance(act, Terminate):
                _terminate(context, place, act.member, self.ends(context, place, group, act.member))
                continue
            if isinstance(act, Raise | GiveBack):
                return _resize(context, place, group, act)
            if isinstance(act, Look):
                return self.looks_on(context, place, group)
            return _complete(context, place, group, self.is_done(context, group))
        return Wait(pause(context), self.goes_on(context))

    def healthy(self, place: Place, group: GroupState) -> Healthy:
        """Who is healthy in the group, by fresh reads."""
        seen = health(place, group.registered_with)
        return Healthy(healthy_everywhere(group, seen), healthy_anywhere(group, seen))

    def ends(self, context: Context, place: Place, group: GroupState, member: MemberState) -> Change:
        """The event of an instance that is about to be ended."""
        del context
        version = member.launch_template.version if member.launch_template else "unknown"
        summary = f"{member.id} of {group.name} ended, of version {version}; a new instance serves in its place"
        return place.change("instance_replaced", group.name, summary, before={"instance": member.id})

    def looks_on(self, context: Context, place: Place, group: GroupState) -> Outcome:
        """What is answered while there is nothing to do but wait."""
        raise NotImplementedError

    def goes_on(self, context: Context) -> str:
        """What is said after ends, before the next look."""
        raise NotImplementedError

    def is_done(self, context: Context, group: GroupState) -> str:
        """What is said in the end."""
        raise NotImplementedError


def loss_by(context: Context, group: GroupState, act: Act) -> guard.Loss | None:
    """What the act takes out of service."""
    load = max(wish_of(group, surge_of(context)), 1)
    if isinstance(act, Terminate):
        return guard.Loss(group, frozenset({act.member.id}), load=load)
    return guard.Loss(group, frozenset(), act.desired, load=load) if isinstance(act, GiveBack) else None


def surge_of(context: Context) -> int:
    """How many instances the group has been given beyond what Auto Scaling wants of it."""
    return int((context.memory.get("sizing") or {"surge": 0})["surge"])


def _seen(context: Context, group: GroupState) -> GroupState:
    """The group, with those going that we ended though AWS may not show it yet; it settles what was open."""
    ending = context.memory.get("ending")
    if ending:
        member = next((one for one in group.members if one.id == ending), None)
        if member is None or is_going(member):
            _ended(context, ending)
        elif _since(context, "ending_at") >= APPEARS_WITHIN:
            context.remember(ending=None)
    ended = {*context.memory.get("ended", ()), context.memory.get("ending")}
    members = (replace(one, lifecycle_state="Terminating") if one.id in ended else one for one in group.members)
    return replace(group, members=tuple(members))


def _settled(context: Context, place: Place, group: GroupState) -> bool:
    """Whether what was last done about the group's size is seen; a size that somebody else set counts as wanted.

    `sizing` stays remembered: `to` is the desired that is expected until our next act, `surge` how much of it is ours,
    `from` what AWS may show for a while yet, and `unless` the surge if the act did not take effect.
    """
    known = context.memory.get("sizing")
    if context.memory.get("ending"):
        return False
    if known is None or (group.desired, known["unless"]) == (known["to"], 0):
        return True
    if group.desired == known["to"]:
        context.remember(sizing={**known, "unless": 0})
        return True
    if group.desired in known["from"] and _since(context, "sizing_at") < APPEARS_WITHIN:
        return False
    ours = known["unless"] if group.desired in known["from"][-1:] else 0
    surge = ours or surge_in(group, _own_max(context, place, group))
    context.remember(sizing=_sizing(group.desired, surge))
    return True


def _sizing(to: int, surge: int, before: Sequence[int] = (), unless: int = 0) -> dict[str, Any]:
    return {"to": to, "surge": surge, "from": list(before), "unless": unless}


def _own_max(context: Context, place: Place, group: GroupState) -> int:
    """The group's max without what it was raised by for the surge."""
    item = context.owed(SIZE, place.resource(group.name))
    return going_back(item, group)[0]["max"] if item else group.max_size


def _since(context: Context, clock: str) -> float:
    """Seconds since a moment that was remembered; where it was forgotten with its clock, it is now."""
    if context.memory.get(clock) is None:
        context.remember(**{clock: context.elapsed})
    return float(context.elapsed - context.memory[clock])


def _terminate(context: Context, place: Place, member: MemberState, change: Change) -> None:
    """Ends one instance. A call that may have taken effect is repeated only once AWS surely shows that it did not."""
    context.remember(ending=member.id, ending_at=context.elapsed)
    tell(context, change)
    try:
        autoscaling.terminate_instance(place.target, member.id, decrement=True)
    except REFUSED:
        context.remember(ending=None)
        raise
    _ended(context, member.id)


def _ended(context: Context, member: str) -> None:
    known = context.memory["sizing"]
    sizing = _sizing(known["to"] - 1, max(known["surge"] - 1, 0), (*known["from"], known["to"]))
    ended = [*context.memory.get("ended", ()), member]
    context.remember(ending=None, ended=ended, sizing=sizing, sizing_at=context.elapsed)


def _resize(context: Context, place: Place, group: GroupState, act: Raise | GiveBack) -> Wait:
    surge = act.surge if isinstance(act, Raise) else 0
    top = max(group.max_size, act.desired)
    if top > group.max_size:
        original = {"min": group.min_size, "max": group.max_size}
        pin(context, place, group.name, original, sizes(group), max=top)
    known = context.memory.get("sizing")
    sizing = _sizing(act.desired, surge, [group.desired], unless=surge_of(context))
    context.remember(sizing=sizing, sizing_at=context.elapsed)
    ended = f", with {len(context.memory.get('ended', ()))} replaced"  # each time is an event of its own
    tell(context, resized(place, group.name, sizes(group), {"max": top, "desired": act.desired}, ended))
    try:
        autoscaling.update_group(place.target, group.name, max_size=top, desired=act.desired)
    except REFUSED:
        context.remember(sizing=known)
        raise
    return Wait(pause(context), f"{group.name} is given {instances(act.desired)} instead of {group.desired}.")


def _complete(context: Context, place: Place, group: GroupState, says: str) -> Outcome:
    """Nothing is left to replace: what was raised for it goes back."""
    item = context.owed(SIZE, place.resource(group.name))
    if item is None:
        return Done(says)
    back, but = going_back(item, group)
    after = fitting(back, group.desired)
    changes: tuple[Any, ...] = ()
    if after["max"] != group.max_size:
        autoscaling.update_group(place.target, group.name, max_size=after["max"])
        changes = (resized(place, group.name, sizes(group), after, but),)
    return Done(says, changes=changes, repaid=(item.pk,))
