"""The target group that instances are registered with, and its health check."""

from __future__ import annotations

from collections.abc import Mapping

from apps.cloud.aws import elbv2, elbv2_changes
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register

CHECK = {
    "HealthCheckIntervalSeconds": 10,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 2,
}


@register
class TargetGroup(Kind):
    """Settings: `vpc`, `port`, `health_check_path`."""

    noun, words = "target-group", "target group"
    reading = ("elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTags")
    making = ("elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:AddTags")
    removing = ("elasticloadbalancing:DeleteTargetGroup",)
    limit = "target-groups"

    def look(self, at: At) -> Seen | None:
        arn = elbv2_changes.target_group_named(at.target, at.name)
        if not arn:
            return None
        found = elbv2.describe_target_groups(at.target, [arn])
        if not found:  # shown by its name and not by its ARN: not shown everywhere yet, or no more
            return None
        (group,) = found
        tags = elbv2_changes.tags_of(at.target, [arn])[arn]
        return Seen(arn, tags, {"port": group.port, "health_check_path": group.health_path, "vpc": group.vpc_id})

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        settings = {
            "Protocol": "HTTP",
            "Port": at.settings["port"],
            "VpcId": at.settings["vpc"],
            "TargetType": "instance",
            "HealthCheckPath": at.settings["health_check_path"],
            **CHECK,
        }
        elbv2_changes.create_target_group(at.target, at.name, settings, labels)

    def remove(self, at: At, seen: Seen) -> None:
        elbv2_changes.delete_target_group(at.target, seen.id)

    def in_words(self, at: At) -> str:
        return (
            f"CreateTargetGroup: {at.name}, port {at.settings['port']}, health check {at.settings['health_check_path']}"
        )
