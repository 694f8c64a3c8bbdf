"""The first Auto Scaling group of a cluster, behind the target group from its first instance on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.tags import RUN_TAG
from apps.cloud.values import GroupSpec
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register

GRACE = 300  # seconds in which Auto Scaling does not take a new instance for sick
FIRST_VERSION = "1"  # of plans that name none


@register
class Group(Kind):
    """Settings: `min`, `max`, `subnets` (ids), `launch_template`, `target_group` (keys), `version` (number or key)."""

    noun, words = "group", "Auto Scaling group"
    reading = ("autoscaling:DescribeAutoScalingGroups",)
    making = ("autoscaling:CreateAutoScalingGroup", "ec2:CreateTags", "ec2:RunInstances")
    removing = ("autoscaling:DeleteAutoScalingGroup",)

    def look(self, at: At) -> Seen | None:
        found = autoscaling.describe_groups(at.target, [at.name])
        return Seen(found[0].arn, found[0].tags, ready=not found[0].status) if found else None

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        template = {"LaunchTemplateId": at.id_of("launch_template"), "Version": self._version(at)}
        tags = [{"Key": key, "Value": value, "PropagateAtLaunch": key != RUN_TAG} for key, value in labels.items()]
        parameters = {
            "MinSize": at.settings["min"],
            "MaxSize": at.settings["max"],
            "DesiredCapacity": at.settings["min"],
            "LaunchTemplate": template,
            "VPCZoneIdentifier": ",".join(at.settings["subnets"]),
            "TargetGroupARNs": [at.id_of("target_group")],
            "HealthCheckType": "ELB",
            "HealthCheckGracePeriod": GRACE,
            "Tags": tags,
        }
        autoscaling.create_group(at.target, GroupSpec(at.name, parameters))

    def facts(self, at: At) -> dict[str, Any]:
        return {"template": at.id_of("launch_template"), "template_version": int(self._version(at))}

    def _version(self, at: At) -> str:
        return at.id_of("version") if "version" in at.settings else FIRST_VERSION

    def remove(self, at: At, seen: Seen) -> None:
        if seen.ready:  # else it is being deleted already
            autoscaling.delete_group(at.target, at.name, force=True)

    def in_words(self, at: At) -> str:
        low, high = at.settings["min"], at.settings["max"]
        return f"CreateAutoScalingGroup: {at.name}, {low} instances, min {low}, max {high}"
