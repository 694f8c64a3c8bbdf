"""Elastic Load Balancing v2, what changes it: target groups like others, and what rules forward to.

None of these calls has a client token; each wrapper says how to see whether it took effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.cloud.aws.elbv2 import ARNS_PER_CALL, SERVICE
from apps.cloud.aws.models import request_members
from apps.cloud.aws.session import call
from apps.cloud.aws.shapes import chunks, tag_list, tags
from apps.cloud.errors import NotFound
from apps.cloud.values import RuleState, Target


def target_group_named(target: Target, name: str) -> str:
    """The ARN of the target group of this name; empty when there is none."""
    try:
        found = call(target, SERVICE, "DescribeTargetGroups", Names=[name])["TargetGroups"]
    except NotFound:
        return ""
    return str(found[0]["TargetGroupArn"]) if found else ""


def target_group_settings(target: Target, arn: str) -> dict[str, Any]:
    """What CreateTargetGroup needs to make another one like this, but its name and tags. Raises NotFound."""
    (shape,) = call(target, SERVICE, "DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"]
    members = request_members(SERVICE, "CreateTargetGroup") - {"Name", "Tags"}
    return {member: shape[member] for member in sorted(members) if shape.get(member) not in (None, "", {})}


def tags_of(target: Target, arns: Iterable[str]) -> dict[str, dict[str, str]]:
    """The tags of each load balancer, listener, rule or target group, by ARN. Raises NotFound when one is gone."""
    found: dict[str, dict[str, str]] = {}
    for batch in chunks(sorted(set(arns)), ARNS_PER_CALL):
        answer = call(target, SERVICE, "DescribeTags", ResourceArns=batch)["TagDescriptions"]
        found |= {shape["ResourceArn"]: tags(shape.get("Tags")) for shape in answer}
    return found


def create_target_group(target: Target, name: str, settings: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """CreateTargetGroup; answers its ARN. `settings` as `target_group_settings` reads them, `labels` are its tags.

    A repeat with the same settings is answered with the one that stands, its tags unchanged; with others it raises
    AlreadyExists. Took effect if `target_group_named` finds it; whose it is, its tags say.
    """
    answer = call(target, SERVICE, "CreateTargetGroup", Name=name, **settings, Tags=tag_list(labels) or None)
    return str(answer["TargetGroups"][0]["TargetGroupArn"])


def set_target_group_attributes(target: Target, arn: str, attributes: Mapping[str, str]) -> None:
    """ModifyTargetGroupAttributes. Repeating it is harmless. Took effect if `target_group_attributes` shows them."""
    if attributes:
        call(target, SERVICE, "ModifyTargetGroupAttributes", TargetGroupArn=arn, Attributes=tag_list(attributes))


def delete_target_group(target: Target, arn: str) -> None:
    """DeleteTargetGroup; one that is gone is no error. Raises InUse while a rule forwards to it."""
    call(target, SERVICE, "DeleteTargetGroup", TargetGroupArn=arn)


def set_weights(target: Target, rule: RuleState, weights: Mapping[str, int]) -> None:
    """Has a rule forward to exactly these target groups, by weight, in one call; everything else of it stays.

    `rule` must be read fresh, with its actions. Its listener is changed where it is the default rule. Repeating it is
    harmless. Took effect if `rules_for` shows the weights.
    """
    actions = [_weighted(action, weights) for action in rule.actions]
    if rule.priority == "default":
        call(target, SERVICE, "ModifyListener", ListenerArn=rule.listener, DefaultActions=actions)
    else:
        call(target, SERVICE, "ModifyRule", RuleArn=rule.arn, Actions=actions)


def _weighted(action: Mapping[str, Any], weights: Mapping[str, int]) -> dict[str, Any]:
    """The action as the request wants it: AWS answers no client secret, and takes none where it has one."""
    if "AuthenticateOidcConfig" in action:
        return {
            **action,
            "AuthenticateOidcConfig": {**action["AuthenticateOidcConfig"], "UseExistingClientSecret": True},
        }
    if action["Type"] != "forward":
        return dict(action)
    kept = {member: value for member, value in action.items() if member != "TargetGroupArn"}
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    return {**kept, "ForwardConfig": {**action.get("ForwardConfig", {}), "TargetGroups": groups}}
