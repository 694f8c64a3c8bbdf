"""Planning for weighted target groups: what speaks against them, the steps that make them, their names. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator

from apps.cloud.values import GroupState, RuleState
from apps.deployments.drivers.base import Where
from apps.deployments.errors import Finding
from apps.deployments.health import name_of
from apps.deployments.situation import Situation
from apps.deployments.strategies.parts import delete_older_group
from apps.deployments.weights import MOST_TARGET_GROUPS, reached
from apps.workflows.plans import PlannedStep

LONGEST_NAME = 32  # characters that AWS allows a target group
CHOOSE = "Choose another traffic_driver in the cluster's policy."


def findings(situation: Situation, serving: GroupState) -> Iterator[Finding]:
    """Why the group's target groups cannot stand for it alone, a finding each."""
    if serving.classic_load_balancers:
        names = ", ".join(serving.classic_load_balancers)
        yield _refusal(f"{serving.name} has the classic load balancer {names}, which knows no weights. {CHOOSE}", names)
    if not serving.target_groups:
        yield _refusal(f"{serving.name} is attached to no target group, so there is no weight to move. {CHOOSE}")
    ids = {member.id for member in serving.members}
    for arn in serving.target_groups:
        strangers = sorted({target.id for target in situation.health.get(arn, ())} - ids)
        if strangers:
            text = (
                f"{name_of(arn)} also has {', '.join(strangers[:3])}, not of {serving.name}: moving its weight would "
                "take their traffic too. Give them a target group of their own."
            )
            yield _refusal(text, arn)
        if not reached(situation.rules, [arn]):
            text = f"No rule sends anything to {name_of(arn)}, so there is no weight to move."
            yield _refusal(f"{text} Have a rule forward to it, or detach {serving.name} from it.", arn)
    for rule in _rules(situation, serving):
        yield from _of_rule(situation, serving, rule)


def _of_rule(situation: Situation, serving: GroupState, rule: RuleState) -> Iterator[Finding]:
    members = {forward.target_group for forward in rule.forwards}
    ours = members & set(serving.target_groups)
    room = MOST_TARGET_GROUPS - len(members - _removable(situation))
    if room < len(ours):
        text = (
            f"{rule_name(rule)} forwards to {len(members)} target groups and AWS allows {MOST_TARGET_GROUPS}, so the "
            "next group's cannot be added. Take one that is not needed out of the rule."
        )
        yield _refusal(text, rule.arn)
    for action in rule.actions:
        sticky = (action.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {}
        if sticky.get("Enabled"):
            text = (
                f"{rule_name(rule)} keeps clients with a target group for {sticky.get('DurationSeconds')} s: "
                "they may stay with the old version that long."
            )
            yield Finding("warn", "sticky", text, rule.arn)


def _refusal(text: str, subject: str = "traffic_driver") -> Finding:
    return Finding("refuse", "driver", text, subject)


def prepare(place: Where, situation: Situation, serving: GroupState, name: str) -> Iterator[PlannedStep]:
    """Room in full rules first, then the next group's target groups, then their entry at weight 0."""
    full = [rule for rule in _rules(situation, serving) if _is_full(rule, serving)]
    for kept in situation.kept:
        held = situation.group(kept.name)
        if held and any(forward.target_group in held.target_groups for rule in full for forward in rule.forwards):
            yield delete_older_group(place, situation, kept.name, kept.arn)
    like = [{"arn": arn, "name": target_group_name(name, arn, serving)} for arn in serving.target_groups]
    made = ", ".join(each["name"] for each in like)
    yield PlannedStep(
        "create-target-groups",
        f"Create {made}",
        {**place, "group": name, "like": like},
        tuple(f"CreateTargetGroup: {each['name']} like {name_of(each['arn'])}" for each in like),
        expected_seconds=1,
    )
    yield PlannedStep(
        "enter-rules",
        f"Have the rules know {made}, at weight 0",
        {**place, "group": name, "sources": list(serving.target_groups)},
        moves(situation, serving.target_groups, f"weight 0 for {made} beside {serving.name}'s"),
        expected_seconds=1,
    )


def moves(situation: Situation, target_groups: Collection[str], what: str) -> tuple[str, ...]:
    """The changing calls, one for each rule that forwards to one of the target groups, in words."""
    found = (rule for rule in situation.rules if any(each.target_group in target_groups for each in rule.forwards))
    return tuple(f"{_operation(rule)}: {rule_name(rule)}: {what}" for rule in found)


def rule_name(rule: RuleState) -> str:
    """A rule as people know it: its load balancer and its priority."""
    parts = rule.listener.split("/")
    balancer = parts[2] if len(parts) > 2 else rule.listener
    return f"{balancer}, {'default rule' if rule.priority == 'default' else f'rule {rule.priority}'}"


def target_group_name(group: str, like: str, serving: GroupState) -> str:
    """The name of the target group that `group` has in place of `like`: the group's own name where that will do.

    A hash tells names apart that were shortened, or whose group has several target groups.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", group).strip("-")
    if plain == group and len(plain) <= LONGEST_NAME and len(serving.target_groups) == 1:
        return plain
    told = f"{group} {serving.target_groups.index(like)}"
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"{plain[: LONGEST_NAME - 9].rstrip('-')}-{digest}"


def _operation(rule: RuleState) -> str:
    return "ModifyListener" if rule.priority == "default" else "ModifyRule"


def _rules(situation: Situation, serving: GroupState) -> Iterator[RuleState]:
    own = set(serving.target_groups)
    return (rule for rule in situation.rules if any(forward.target_group in own for forward in rule.forwards))


def _is_full(rule: RuleState, serving: GroupState) -> bool:
    members = {forward.target_group for forward in rule.forwards}
    return len(members) + len(members & set(serving.target_groups)) > MOST_TARGET_GROUPS


def _removable(situation: Situation) -> set[str]:
    """Target groups of kept groups that get nothing: they leave the rules when their group is deleted."""
    held = {arn for kept in situation.kept if (group := situation.group(kept.name)) for arn in group.target_groups}
    return held - {each.target_group for rule in situation.rules for each in rule.forwards if each.weight > 0}
