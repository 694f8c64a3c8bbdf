"""Creating the next group at size 0, with everything inherited; its undo deletes it once nobody needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.errors import AlreadyExists
from apps.cloud.tags import RUN_TAG
from apps.cloud.values import GroupSpec, GroupState
from apps.deployments import drivers, guard, inherit
from apps.deployments.alarms import GIVEN, buried
from apps.deployments.health import drained, name_of
from apps.deployments.ledger import SIZE
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, find, groups, health
from apps.deployments.protection import unprotect
from apps.deployments.steps.base import DETACH, READ_GROUPS, READ_HEALTH, READ_RULES, attempt, pause, tell
from apps.deployments.steps.by_driver import DriverStep
from apps.deployments.steps.size_group import lift, load_of, load_together
from apps.workflows.context import Context
from apps.workflows.counting import are, instances
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

HOOKS = "LifecycleHookSpecificationList"


@register
class CreateGroup(DriverStep):
    slug = "create-group"
    calls = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        *DETACH,
        "autoscaling:CreateAutoScalingGroup",
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
        "ec2:CreateTags",  # AWS asks for these two in the name of CreateAutoScalingGroup
        "ec2:RunInstances",
    )
    undo_title = "Take {group} out of what sends it traffic and delete it"

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return (*super().calls_for(params), *(GIVEN if params.get("alarms") else ()))

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        try:
            autoscaling.create_group(place.target, self._spec(context, place))
        except AlreadyExists:
            found = groups(place, name).get(name)
            if found is None:
                return Wait(pause(context), f"AWS says {name} exists, but does not show it yet.")
            if not _ours(found, context):
                return Failed(f"Somebody else created {name} meanwhile; it is left alone.")
        like = context.params["replaces"]
        hooks = [each["LifecycleHookName"] for each in context.params["parameters"].get(HOOKS, ())]
        after = {"desired": 0, **({"lifecycle_hooks": hooks} if hooks else {})}
        change = place.change("created", name, f"{name} created like {like}, at size 0", after=after)
        former = buried(context, place, name)  # of a group of this name that somebody else deleted
        return Done(facts={"created": name}, changes=(*former.changes, change), repaid=former.repaid)

    def revert(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        found = find(context, place, name, deleted="deleting" in context.memory).get(name)
        if found is None:
            made = context.facts.get("created") == name or "deleting" in context.memory
            change = place.change("deleted", name, f"{name} deleted again")
            went = buried(context, place, name)
            return Done(f"{name} is gone", changes=((change,) if made else ()) + went.changes, repaid=went.repaid)
        if not _ours(found, context):
            return Done(f"{name} is not ours and is left alone")
        return self._remove(context, place, found)

    def _remove(self, context: Context, place: Place, group: GroupState) -> Outcome:
        if group.status:
            return Wait(
                pause(context),
                f"{instances(len(group.members))} of {group.name} {are(len(group.members))} being terminated.",
            )
        unsafe = self._unsafe(context, place, group)
        if unsafe:
            return Wait(pause(context), unsafe)
        if group.traffic_sources:
            taken = list(group.registered_with)
            context.remember(detached=taken, members=[member.id for member in group.members])
            summary = f"{group.name} taken out of {', '.join(map(name_of, taken))}; {context.params['replaces']} serves"
            tell(context, place.change("traffic_taken", group.name, summary, before={"taken_from": taken}))
            says = f"Taking {group.name} out of {', '.join(map(name_of, taken))}."
            return attempt(context, lambda: autoscaling.detach(place.target, group.name, group.traffic_sources), says)
        gone, listed = drained(context.memory.get("members", ()), health(place, context.memory.get("detached", ())))
        if gone < listed:
            return Wait(pause(context), f"{gone} of {instances(listed)} of {group.name} {are(listed)} drained.")
        context.remember(deleting=True)
        unprotect(context, place, group)
        says = f"{group.name} is being deleted."
        return attempt(context, lambda: autoscaling.delete_group(place.target, group.name, force=True), says)

    def _unsafe(self, context: Context, place: Place, group: GroupState) -> str:
        """Why the group cannot go yet.

        As long as its size is held, the group before it carries the load as it did when this began, and what that grew
        since; then it takes over the load that the group has now.
        """
        old = context.params["replaces"]
        rest = find(context, place, old).get(old)
        if rest is None or context.owed(SIZE, place.resource(group.name)):
            then = context.params.get("healthy_then", 1)
            wanted = self._brought_back(context, place, group, rest) if rest else 1
            grown = max(wanted - context.params.get("desired_then", wanted), 0)
            need, wholly = max(min(then, wanted), 1) + grown, False
        else:
            need, wholly = max(load_of(group), rest.desired), True
            if group.traffic_sources and not context.params.get("stands_by"):
                lift(context, place, rest, need)
        unsafe = guard.needed(place, group, rest, need, wholly=wholly)
        return unsafe or guard.hold_back(context, place, guard.Loss(group, carried_by=rest, load=need))

    def _brought_back(self, context: Context, place: Place, group: GroupState, rest: GroupState) -> int:
        """How many instances the group before it is to have: those it had, if its policies shrank it since.

        They would not have, had the new group not shared its load; nor would the new one have grown alone.
        """
        load: int = max(context.facts.get("load", 0), load_together(context, place, group, rest))
        if rest.desired >= load or not guard.serves(place, group, health(place, group.registered_with)):
            return rest.desired
        lift(context, place, rest, load)
        return load

    def _spec(self, context: Context, place: Place) -> GroupSpec:
        name, like = context.params["group"], context.params["replaces"]
        given = drivers.of(context).parameters(context, context.params["parameters"])
        template = context.params["template"] or context.facts["template"]
        tag = {"Key": RUN_TAG, "Value": str(context.run_id), "PropagateAtLaunch": False}
        launching = inherit.launching(given, template, str(context.facts["template_version"]))
        model = groups(place, like).get(like)  # AWS may have shown its tags too late for the plan
        return GroupSpec(name, {**launching, "Tags": [*inherit.with_tags_of(model, given["Tags"]), tag]})


def _ours(group: GroupState, context: Context) -> bool:
    """Whether this run created the group. Raises LookAgain while its tag may only be late."""
    tag = group.tags.get(RUN_TAG)
    if tag is None and context.elapsed < APPEARS_WITHIN:
        raise LookAgain(f"{group.name} stands; making sure of who created it.")
    return tag == str(context.run_id)
