"""Replacing a group's instances in place: its launch template first, then a few at a time, the new before the old."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from apps.cloud.aws import autoscaling
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import GroupState
from apps.deployments.health import judge
from apps.deployments.ledger import standing
from apps.deployments.place import Place, existing, health
from apps.deployments.replacement import Act, Healthy, Wanted, in_standby, next_act, old, wish_of
from apps.deployments.steps.base import pause, tell
from apps.deployments.steps.surge import Surging, surge_of
from apps.workflows.context import Context
from apps.workflows.counting import are, instances
from apps.workflows.kinds import register, repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, Failed, NeedsPerson, Outcome, Wait
from apps.workflows.timing import span

TEMPLATE = "template"  # original: the LaunchTemplateSpecification that the group named


@register
class ReplaceInstances(Surging):
    """Ends when every instance is of the wanted version and healthy. Its undo replaces them back the same way."""

    slug = "replace-instances"
    calls = (
        *Surging.calls,
        "ec2:CreateTags",  # AWS asks for these two in the name of UpdateAutoScalingGroup
        "ec2:RunInstances",
    )
    clocks = Surging.clocks | {"progress"}
    undo_title = "Replace the instances of {group} back, the old version before the new"

    def act(self, context: Context, place: Place) -> Outcome:
        outcome = self._replace(context, place)
        item = context.owed(TEMPLATE, place.resource(context.params["group"]))
        if isinstance(outcome, Done) and item:  # it launches the new version from now on
            return replace(outcome, repaid=(*outcome.repaid, item.pk))
        return outcome

    def revert(self, context: Context, place: Place) -> Outcome:
        if context.owed(TEMPLATE, place.resource(context.params["group"])) is None:
            return Done("nothing was replaced")
        if "returning" not in context.memory:  # another clock runs now
            context.remember(returning=True, progress=None, ending_at=None, sizing_at=None)
        outcome = self._replace(context, place)
        if isinstance(outcome, Failed):
            return NeedsPerson(outcome.says)
        return self._repaid(context, place, outcome) if isinstance(outcome, Done) else outcome

    def _replace(self, context: Context, place: Place) -> Outcome:
        """The template first, once AWS shows that it is named, the instances."""
        wanted, batch = _wanted(context), context.params["batch"]
        decide = partial(_decide, wanted=wanted, batch=batch)
        return _name_template(context, place, wanted) or self.turn(context, place, decide, batch)

    def looks_on(self, context: Context, place: Place, group: GroupState) -> Outcome:
        """Says what is waited for; gives up when nothing was replaced for too long."""
        left, total = len(list(old(group, _wanted(context)))), max(wish_of(group, surge_of(context)), 1)
        state = judge(group, group.desired, health(place, group.registered_with))
        progress = {"left": left, "good": state.good}
        known = context.memory.get("progress")
        if known is None or {key: known[key] for key in progress} != progress:
            context.remember(progress={**progress, "at": context.elapsed})
            known = context.memory["progress"]
        new = f"{max(total - left, 0)} of {instances(total)} of {group.name} {are(total)} of the new version"
        says = f"{new}: {state.says}"
        stood = context.elapsed - known["at"]
        if stood >= context.params["within"]:
            return Failed(f"Nothing was replaced for {span(stood)}. {says}")
        return Wait(pause(context), says)

    def goes_on(self, context: Context) -> str:
        count = len(context.memory.get("ended", ()))
        return f"{instances(count)} of {context.params['group']} of the former version ended."

    def is_done(self, context: Context, group: GroupState) -> str:
        good, all_of_them = len(group.in_service), group.desired
        says = f"{good} of {instances(all_of_them)} of {group.name} {are(all_of_them)} replaced and healthy"
        aside = [member.id for member in group.members if in_standby(member)]
        return f"{says}; {', '.join(aside)} in Standby left alone" if aside else says

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


def _wanted(context: Context) -> Wanted:
    """What each instance shall be of, on the way forward or back."""
    if "returning" in context.memory:
        return Wanted(**context.params["back"])
    asked = context.params["wanted"]
    return Wanted(asked["template"], asked["version"] or str(context.facts["template_version"]))


def _decide(group: GroupState, healthy: Healthy, surge: int, *, wanted: Wanted, batch: int) -> Act:
    return next_act(group, healthy, wanted, surge, batch)


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
