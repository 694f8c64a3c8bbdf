"""Target groups of a group's own: made like those of the group before it, entered in the rules, and removed again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from apps.cloud.aws import elbv2, elbv2_changes
from apps.cloud.errors import NotFound
from apps.cloud.tags import RUN_TAG
from apps.deployments.health import name_of
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, rules
from apps.deployments.steps.base import CHANGE_RULES, READ_RULES, CloudStep, attempt, pause, tell
from apps.deployments.weights import Pairs, entered, reached, shared, weights_of, without
from apps.workflows.context import Context
from apps.workflows.counting import many
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

OURS = "deployconsole:"  # tags of ours, written anew for each target group
GROUP_TAG, LIKE_TAG = f"{OURS}group", f"{OURS}like"


@register
class CreateTargetGroups(CloudStep):
    """Each like the one it stands beside: settings, attributes, tags; whose it is and what it is for, its tags say."""

    slug = "create-target-groups"
    calls = (
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        *READ_RULES,
        *CHANGE_RULES,
    )
    undo_title = "Delete the target groups of {group}"

    def act(self, context: Context, place: Place) -> Outcome:
        context.remember(creating=True)
        names = ", ".join(each["name"] for each in context.params["like"])
        tell(context, place.change("target_groups_created", context.params["group"], f"Target groups {names} created"))
        made: dict[str, str] = {}
        for each in context.params["like"]:
            arn = elbv2_changes.target_group_named(place.target, each["name"])
            if arn and not _made_here(place, arn, str(context.run_id)):
                return Failed(f"There is a target group {each['name']} already, which this push did not make.")
            made[each["arn"]] = arn or self._create(context, place, each)
        try:
            for like, arn in made.items():
                _like(place, like, arn)
        except NotFound as late:
            raise LookAgain("Waiting until AWS shows the new target groups.") from late
        return Done(f"created {names}", {"target_groups": made})

    def revert(self, context: Context, place: Place) -> Outcome:
        if "creating" not in context.memory:
            return Done("no target group was made")
        found = {elbv2_changes.target_group_named(place.target, each["name"]) for each in context.params["like"]}
        ours = sorted(arn for arn in found if arn and _made_here(place, arn, str(context.run_id)))
        leaving = leave_rules(context, place, ours) if ours else None  # shown late, they may still be in some
        if leaving:
            return leaving
        if ours:
            names = ", ".join(map(name_of, ours))
            says = f"{names} is being deleted."
            summary = f"Target groups {names} deleted again"
            tell(context, place.change("target_groups_deleted", context.params["group"], summary))
            context.remember(deleting=True)
            return attempt(context, lambda: _delete(place, ours), says)
        if "deleting" not in context.memory and context.elapsed < APPEARS_WITHIN:  # AWS may only be late to show it
            return Wait(pause(context), "Making sure that no target group of this push is left.")
        return Done("the target groups are gone")

    def _create(self, context: Context, place: Place, each: Mapping[str, str]) -> str:
        like = elbv2_changes.tags_of(place.target, [each["arn"]])[each["arn"]]
        labels = {key: value for key, value in like.items() if not key.startswith(("aws:", OURS))}
        labels |= {RUN_TAG: str(context.run_id), GROUP_TAG: context.params["group"], LIKE_TAG: name_of(each["arn"])}
        settings = elbv2_changes.target_group_settings(place.target, each["arn"])
        return elbv2_changes.create_target_group(place.target, each["name"], settings, labels)


@register
class EnterRules(CloudStep):
    """Adds the next group's target groups at weight 0 wherever those of the serving one are forwarded to.

    Only a target group in a rule is checked.
    """

    slug = "enter-rules"
    calls = (*READ_RULES, *CHANGE_RULES)
    clocks = CloudStep.clocks | {"left"}
    undo_title = "Take the target groups of {group} out of the rules"

    def act(self, context: Context, place: Place) -> Outcome:
        pairs: Pairs = context.facts["target_groups"]
        wanted = {rule: entered(rule, pairs) for rule in rules(place, pairs)}
        if not wanted:
            return Failed(f"No rule forwards to {', '.join(map(name_of, pairs))} any more.")
        lacking = {rule: weights for rule, weights in wanted.items() if weights != weights_of(rule)}
        names = ", ".join(map(name_of, pairs.values()))
        if lacking:
            for rule, weights in lacking.items():
                elbv2_changes.set_weights(place.target, rule, weights)
            return Wait(pause(context), f"{names} is being entered in {many(len(lacking), 'rule')} at weight 0.")
        change = place.change("rules_entered", context.params["group"], f"{names} entered in rules at weight 0")
        return Done(f"{names} is in {many(len(wanted), 'rule')} at weight 0", changes=(change,))

    def revert(self, context: Context, place: Place) -> Outcome:
        pairs: Pairs = context.facts.get("target_groups", {})
        for rule in reached(rules(place, pairs.values()), list(pairs.values())):  # nothing stands behind it any more
            elbv2_changes.set_weights(place.target, rule, shared(rule, pairs, 0))
            return Wait(pause(context), "The rules are being given their weights again.")
        leaving = leave_rules(context, place, list(pairs.values()))
        if leaving:
            return leaving
        sure = {rule.arn for rule in rules(place, pairs)} <= set(context.memory.get("left", []))
        if pairs and not sure and context.elapsed < APPEARS_WITHIN:
            raise LookAgain("Making sure that the rules are not only shown as they were before.")
        return Done("the rules are as they were")


# what `leave_rules` and `delete_own` call
CLEARING = (
    *READ_RULES,
    *CHANGE_RULES,
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:DescribeTags",
)


def leave_rules(context: Context, place: Place, target_groups: Collection[str]) -> Wait | None:
    """Takes target groups that get nothing out of their rules; None when they are shown in none.

    The rules that they left, each by a call that AWS answered, are remembered as "left".
    """
    inside = [rule for rule in rules(place, target_groups) if without(rule, target_groups) != weights_of(rule)]
    if not inside:
        return None

    def call() -> None:
        for rule in inside:
            elbv2_changes.set_weights(place.target, rule, without(rule, target_groups))
            context.remember(left=[*context.memory.get("left", []), rule.arn])

    return attempt(context, call, f"{', '.join(map(name_of, target_groups))} is being taken out of the rules.")


def delete_own(context: Context, place: Place, group: str, target_groups: Collection[str]) -> Wait | None:
    """Deletes those of the target groups that the console made for this group; None when none is left."""
    left = sorted(arn for arn in target_groups if _tag(place, arn, GROUP_TAG) == group)
    if not left:
        return None
    return attempt(context, lambda: _delete(place, left), f"{', '.join(map(name_of, left))} is being deleted.")


def _delete(place: Place, arns: Collection[str]) -> None:
    for arn in arns:
        elbv2_changes.delete_target_group(place.target, arn)


def _like(place: Place, like: str, arn: str) -> None:
    wanted: dict[str, Any] = elbv2.target_group_attributes(place.target, like)
    has = elbv2.target_group_attributes(place.target, arn)
    different = {key: value for key, value in wanted.items() if value and has.get(key) != value}
    elbv2_changes.set_target_group_attributes(place.target, arn, different)


def _made_here(place: Place, arn: str, run: str) -> bool:
    return _tag(place, arn, RUN_TAG) == run


def _tag(place: Place, arn: str, key: str) -> str:
    """A tag of a target group; empty when the target group or the tag is not there."""
    try:
        return elbv2_changes.tags_of(place.target, [arn])[arn].get(key, "")
    except NotFound:
        return ""
