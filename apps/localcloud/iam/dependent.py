"""What AWS asks for besides the action that is called, and in the name of the same caller.

As the user guides of Auto Scaling ("API permissions") and Elastic Load Balancing ("tag on create") say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.templates import Templates
from apps.localcloud.errors import AwsError
from apps.localcloud.wire import Params

_LAUNCHING = frozenset({"CreateAutoScalingGroup", "UpdateAutoScalingGroup"})
Needed = tuple[str, str]  # action, resource


def needed(cloud: Cloud, service: str, name: str, params: Params, account: str, region: str) -> Iterator[Needed]:
    """Each further action with the resource that it is about."""
    if service == "autoscaling" and name in _LAUNCHING:
        data = _launched(cloud, params, account, region)
        if data is not None:
            yield from _by_launching(data, account, region)
    elif service == "elbv2" and name.startswith("Create") and params.get("Tags"):
        yield "elasticloadbalancing:AddTags", f"arn:aws:elasticloadbalancing:{region}:{account}:*"


def _by_launching(data: Mapping[str, Any], account: str, region: str) -> Iterator[Needed]:
    yield "ec2:RunInstances", f"arn:aws:ec2:{region}:{account}:instance/*"
    if data.get("TagSpecifications"):
        yield "ec2:CreateTags", f"arn:aws:ec2:{region}:{account}:instance/*"
    profile = data.get("IamInstanceProfile") or {}
    if profile:
        name = profile.get("Name") or str(profile.get("Arn", "")).rpartition("/")[2]
        yield "iam:PassRole", f"arn:aws:iam::{account}:role/{name}"


def _launched(cloud: Cloud, params: Params, account: str, region: str) -> Mapping[str, Any] | None:
    """The data of the launch template version that a request names; None where it names none, or none that there is."""
    mixed = (params.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    named = params.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")
    if not named:
        return None
    templates = cloud.state(Templates, account, region)
    try:
        template = templates.find(named.get("LaunchTemplateId"), named.get("LaunchTemplateName"))
        return template.version(named.get("Version") or "").data
    except AwsError:
        return None  # the operation says what is wrong with it
