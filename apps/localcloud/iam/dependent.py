"""What AWS asks for besides the action that is called, and in the name of the same caller.

As the user guides of Auto Scaling ("API permissions"), EC2 ("tag resources during creation") and Elastic Load Balancing
("tag on create") say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.templates import Templates
from apps.localcloud.errors import AwsError
from apps.localcloud.iam.policies import Context
from apps.localcloud.iam.resources import BALANCING_MADE_BY_NAME, ec2_arn
from apps.localcloud.iam.service_role import RESOURCE, has_service_role
from apps.localcloud.wire import Params

_LAUNCHING = frozenset({"CreateAutoScalingGroup", "UpdateAutoScalingGroup"})
_MADE_WITH_TAGS = frozenset({"CopyImage", "CreateImage", "CreateLaunchTemplate", "CreateSecurityGroup"})


@dataclass(frozen=True)
class Needed:
    """A further action, the resource that it is about, and the condition keys that only it has."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class _Asked:
    """One request, and where it was made."""

    cloud: Cloud
    name: str
    params: Params
    account: str
    region: str

    def arn(self, rest: str) -> str:
        service, _, resource = rest.partition(":")
        region = "" if service == "iam" else self.region
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"


def needed(cloud: Cloud, service: str, name: str, params: Params, account: str, region: str) -> Iterator[Needed]:
    """Each further action with the resource that it is about."""
    asked = _Asked(cloud, name, params, account, region)
    if service == "autoscaling" and name in _LAUNCHING:
        yield from _of_group(asked)
    elif service == "ec2" and name == "RunInstances":
        yield from _by_launching(asked, {**(_launched(asked) or {}), **params})
    elif service == "ec2" and name in _MADE_WITH_TAGS:
        kinds = (str(one.get("ResourceType")) for one in params.get("TagSpecifications") or [])
        yield from (_tags(asked, kind) for kind in kinds)
    elif service == "elbv2" and name.startswith("Create") and params.get("Tags"):
        context = {"elasticloadbalancing:createaction": (name,)}
        made = asked.arn(f"elasticloadbalancing:{_balancing(name, params)}")
        yield Needed("elasticloadbalancing:AddTags", made, context)
    elif service == "cloudwatch" and name == "PutMetricAlarm" and params.get("Tags"):
        yield Needed("cloudwatch:TagResource", asked.arn(f"cloudwatch:alarm:{params.get('AlarmName')}"))


def _of_group(asked: _Asked) -> Iterator[Needed]:
    data = _launched(asked)
    if data is not None:
        yield Needed("ec2:RunInstances", asked.arn("ec2:instance/*"))
        yield from _by_launching(asked, data)
    for hook in asked.params.get("LifecycleHookSpecificationList") or []:
        if hook.get("RoleARN"):
            yield Needed("iam:PassRole", hook["RoleARN"], {"iam:passedtoservice": ("autoscaling.amazonaws.com",)})
    if asked.name == "CreateAutoScalingGroup" and not has_service_role(asked.cloud, asked.account):
        context = {"iam:awsservicename": ("autoscaling.amazonaws.com",)}
        yield Needed("iam:CreateServiceLinkedRole", asked.arn(f"iam:{RESOURCE}"), context)


def _by_launching(asked: _Asked, data: Mapping[str, Any]) -> Iterator[Needed]:
    if data.get("TagSpecifications"):
        yield _tags(asked, "instance", "RunInstances")
    profile = data.get("IamInstanceProfile") or {}
    if profile:
        name = profile.get("Name") or str(profile.get("Arn", "")).rpartition("/")[2]
        context = {"iam:passedtoservice": ("ec2.amazonaws.com",)}
        yield Needed("iam:PassRole", asked.arn(f"iam:role/{name}"), context)


def _tags(asked: _Asked, kind: str, action: str = "") -> Needed:
    arn = ec2_arn(kind, "*", f"{asked.region}:{asked.account}")
    return Needed("ec2:CreateTags", arn, {"ec2:createaction": (action or asked.name,)})


def _launched(asked: _Asked) -> Mapping[str, Any] | None:
    """The data of the launch template version that a request names; None where it names none, or none that there is."""
    mixed = (asked.params.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    named = asked.params.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")
    if not named:
        return None
    templates = asked.cloud.state(Templates, asked.account, asked.region)
    try:
        template = templates.find(named.get("LaunchTemplateId"), named.get("LaunchTemplateName"))
        return template.version(named.get("Version") or "").data
    except AwsError:
        return None  # the operation says what is wrong with it


def _balancing(name: str, params: Params) -> str:
    """What a request of Elastic Load Balancing makes: below what it is made of, where that has a name."""
    if name in BALANCING_MADE_BY_NAME:
        return f"{BALANCING_MADE_BY_NAME[name]}/{params.get('Name')}/*"
    of = str(params.get("LoadBalancerArn") or params.get("ListenerArn") or "").rpartition(":")[2]
    kinds = {"loadbalancer/": "listener/", "listener/": "listener-rule/"}
    kind = next((each for each in kinds if of.startswith(each)), "")
    return f"{kinds[kind]}{of.removeprefix(kind)}/*" if kind else "*"
