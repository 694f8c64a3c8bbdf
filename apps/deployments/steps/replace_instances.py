"""Replacing a group's instances in place: its launch template first, then a few at a time, the new before the old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.health import healthy_anywhere, healthy_everywhere, judge
from apps.deployments.ledger import SIZE, fitting, going_back, pin, resized, sizes, standing
from apps.deployments.place import APPEARS_WITHIN, Place, existing, health
from apps.deployments.replacement import (
    Act,
    GiveBack,
    Healthy,
    Look,
    Raise,
    Terminate,
    Wanted,
    in_standby,
    is_going,
    next_act,
    old,
    surge_in,
    wish_of,
)
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, REFUSED, CloudStep, pause, tell
from apps.deployments.timing import span
from apps.workflows.context import Context
from apps.workflows.kinds import register, repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, Failed, NeedsPerson, Outcome, Wait

TEMPLATE = "template"  # original: the LaunchTemplateSpecification that the group named


@register
class ReplaceInstances(CloudStep):
    """Ends when every instance is of the wanted version and healthy. Its undo replaces them back the same way."""

    slug = "replace-instances"
    calls = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
        "ec2:CreateTags",  # AWS asks for these two in the name of UpdateAutoScalingGroup
        "ec2:RunInstances",
    )
    clocks = CloudStep.clocks | {"ending_at", "sizing_at", "progress"}
    undo_title = "Replace the instances of {group} back, the old version before the new"

    def act(self, context: Context, place: Place) -> Outcome:
        version = context.params["wanted"]["version"] or str(context.facts["template_version"])
        outcome = _turn(context, place, Wanted(context.params["wanted"]["template"], version))
        item = context.owed(TEMPLATE, place.resource(context.params["group"]))
        if isinstance(outcome, Done) and item:  # it launches the new version from now on
            return replace(outcome, repaid=(*outcome.repaid, item.pk))
        return outcome

    def revert(self, context: Context, place: Place) -> Outcome:
        if context.owed(TEMPLATE, place.resource(context.params["group"])) is None:
            return Done("nothing was replaced")
        if "returning" not in context.memory:  # another clock runs now
            context.remember(returning=True, progress=None, ending_at=None, sizing_at=None)
        outcome = _turn(context, place, Wanted(**context.params["back"]))
        if isinstance(outcome, Failed):
            return NeedsPerson(outcome.says)
        return self._repaid(context, place, outcome) if isinstance(outcome, Done) else outcome

    def _repaid(self, context: Context, place: Place, outcome: Done) -> Done:
        """It names the version that it named before; where it named that otherwise, as $Latest, the repair says so."""
        item = context.owed(TEMPLATE, place.resource(context.params["group"]))
        named = existing(context, place, context.params["group"])
        if item is None or autoscaling.template_of(named) != item.original:
            return outcome
        return replace(outcome, repaid=(*outcome.repaid, item.pk))


@repayer(TEMPLATE)
def repay_template(context: Context, item: Borrowed) -> Outcome:
    """Has the group name the launch template version that it named before, unless somebody else named another."""
    place, group = standing(context, item)
    now = autoscaling.template_of(group) if group else item.original
    if group is None:
        return Done()
    if now == item.original:  # put back by a look that did not come to tell
        return Done(changes=(_template_change(place, group, item.original),))
    if now not in (item.changed_to or [now]):
        says = f"{group.name} was told by somebody else to launch version {now.get('Version')}; it is left so"
        return Done(says, changes=(place.change("left_alone", group.name, says),))
    with changing_calls_before(context.fence):
        autoscaling.set_template(place.target, group, item.original)
    return Done(changes=(_template_change(place, group, item.original),))


def _turn(context: Context, place: Place, wanted: Wanted) -> Outcome:
    """One look at a group whose instances shall all be `wanted`, and the next acts; at most a batch of them."""
    named = _name_template(context, place, wanted)
    if named:
        return named
    for _ in range(max(context.params["batch"], 1)):
        group = _seen(context, existing(context, place, context.params["group"]))
        if not _settled(context, place, group):
            return Wait(pause(context), f"Waiting until AWS shows the new size of {group.name}.")
        act = next_act(group, _healthy(place, group), wanted, _surge(context), context.params["batch"])
        loss = _loss(context, group, act)
        held = guard.hold_back(context, place, loss) if loss else ""
        if held:
            return Wait(pause(context), held)
        if isinstance(act, Terminate):
            _terminate(context, place, group, act)
            continue
        if isinstance(act, Raise | GiveBack):
            return _resize(context, place, group, act)
        if isinstance(act, Look):
            return _wait(context, place, group, wanted)
        return _complete(context, place, group)
    count = len(context.memory.get("ended", ()))
    return Wait(pause(context), f"{count} instances of {context.params['group']} of the former version were ended.")


def _loss(context: Context, group: GroupState, act: Act) -> guard.Loss | None:
    """What the act takes out of service."""
    load = max(wish_of(group, _surge(context)), 1)
    if isinstance(act, Terminate):
        return guard.Loss(group, frozenset({act.member.id}), load=load)
    return guard.Loss(group, frozenset(), act.desired, load=load) if isinstance(act, GiveBack) else None


def _healthy(place: Place, group: GroupState) -> Healthy:
    seen = health(place, group.registered_with)
    return Healthy(healthy_everywhere(group, seen), healthy_anywhere(group, seen))


def _name_template(context: Context, place: Place, wanted: Wanted) -> Outcome | None:
    """Has the group launch the wanted version from now on; None once AWS shows that it does."""
    group = existing(context, place, context.params["group"])
    now = autoscaling.template_of(group)
    specification = {"LaunchTemplateId": wanted.template, "Version": wanted.version}
    if now == specification:
        return None
    says = f"{group.name} launches version {wanted.version} instead of {now.get('Version')}"
    item = context.owed(TEMPLATE, place.resource(group.name))
    ours = [*((item.changed_to if item else None) or ()), specification]
    context.borrow(TEMPLATE, place.resource(group.name), now, says=says, changed_to=ours)
    tell(context, _template_change(place, group, specification))
    autoscaling.set_template(place.target, group, specification)
    return Wait(pause(context), f"{group.name} is told to launch version {wanted.version}.")


def _template_change(place: Place, group: GroupState, after: dict[str, str]) -> Change:
    before = autoscaling.template_of(group)
    summary = f"{group.name} launches version {after['Version']} of its launch template"
    return place.change("template_set", group.name, summary, before, after)


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


def _surge(context: Context) -> int:
    return int((context.memory.get("sizing") or {"surge": 0})["surge"])


def _terminate(context: Context, place: Place, group: GroupState, act: Terminate) -> None:
    """Ends one instance. A call that may have taken effect is repeated only once AWS surely shows that it did not."""
    member = act.member.id
    context.remember(ending=member, ending_at=context.elapsed)
    summary = f"{member} of {group.name} ended, of version {_version(act)}; a new instance serves in its place"
    tell(context, place.change("instance_replaced", group.name, summary, before={"instance": member}))
    try:
        autoscaling.terminate_instance(place.target, member, decrement=True)
    except REFUSED:
        context.remember(ending=None)
        raise
    _ended(context, member)


def _ended(context: Context, member: str) -> None:
    known = context.memory["sizing"]
    sizing = _sizing(known["to"] - 1, max(known["surge"] - 1, 0), (*known["from"], known["to"]))
    ended = [*context.memory.get("ended", ()), member]
    context.remember(ending=None, ended=ended, sizing=sizing, sizing_at=context.elapsed)


def _version(act: Terminate) -> str:
    source = act.member.launch_template
    return source.version if source else "unknown"


def _resize(context: Context, place: Place, group: GroupState, act: Raise | GiveBack) -> Wait:
    surge = act.surge if isinstance(act, Raise) else 0
    top = max(group.max_size, act.desired)
    if top > group.max_size:
        original = {"min": group.min_size, "max": group.max_size}
        pin(context, place, group.name, original, sizes(group), max=top)
    known = context.memory.get("sizing")
    sizing = _sizing(act.desired, surge, [group.desired], unless=_surge(context))
    context.remember(sizing=sizing, sizing_at=context.elapsed)
    ended = f", with {len(context.memory.get('ended', ()))} replaced"  # each time is an event of its own
    tell(context, resized(place, group.name, sizes(group), {"max": top, "desired": act.desired}, ended))
    try:
        autoscaling.update_group(place.target, group.name, max_size=top, desired=act.desired)
    except REFUSED:
        context.remember(sizing=known)
        raise
    return Wait(pause(context), f"{group.name} is given {act.desired} instances instead of {group.desired}.")


def _wait(context: Context, place: Place, group: GroupState, wanted: Wanted) -> Outcome:
    """Says what is waited for; gives up when nothing was replaced for too long."""
    left, total = len(list(old(group, wanted))), max(wish_of(group, _surge(context)), 1)
    state = judge(group, group.desired, health(place, group.registered_with))
    progress = {"left": left, "good": state.good}
    known = context.memory.get("progress")
    if known is None or {key: known[key] for key in progress} != progress:
        context.remember(progress={**progress, "at": context.elapsed})
        known = context.memory["progress"]
    says = f"{max(total - left, 0)} of {total} instances of {group.name} are of the new version: {state.says}"
    stood = context.elapsed - known["at"]
    if stood >= context.params["within"]:
        return Failed(f"Nothing was replaced for {span(stood)}. {says}")
    return Wait(pause(context), says)


def _complete(context: Context, place: Place, group: GroupState) -> Outcome:
    """All are replaced: what was raised for it goes back."""
    item = context.owed(SIZE, place.resource(group.name))
    says = f"{len(group.in_service)} of {group.desired} instances of {group.name} are replaced and healthy"
    aside = [member.id for member in group.members if in_standby(member)]
    if aside:
        says += f"; {', '.join(aside)} in Standby left alone"
    if item is None:
        return Done(says)
    back, but = going_back(item, group)
    after = fitting(back, group.desired)
    changes: tuple[Any, ...] = ()
    if after["max"] != group.max_size:
        autoscaling.update_group(place.target, group.name, max_size=after["max"])
        changes = (resized(place, group.name, sizes(group), after, but),)
    return Done(says, changes=changes, repaid=(item.pk,))
