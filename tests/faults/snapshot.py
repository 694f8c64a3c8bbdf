"""The state of an account as people would compare it: names instead of ids, without what merely passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from tests.cloud_fixture import Place
from tests.faults import made, shared
from tests.faults.plain import Plain

_TOKEN = re.compile(r"-[0-9a-f]{8}$")  # of the plan that a launch template was made by, another in every run

State = dict[str, dict[str, Any]]  # resource → attribute → value

SERVES = ("group", "template", "traffic", "alarm", "extra", "notice", "classic")  # kinds that a deployment changes
BAKES = ("builder", "image")  # those that a bake changes
SHARES = ("image", "share")  # those that a promotion may change, and must not


class Account:
    """One account and region, read by clients of its own; plainly, where its cloud offers that."""

    def __init__(self, place: Place, plain: Plain | None = None) -> None:
        self.place = place
        self._plain = plain
        self.target_groups: dict[str, str] = {}  # name → ARN, as last read
        self.kinds: tuple[str, ...] = SERVES  # what of it counts: names in READERS
        self.regions: tuple[str, ...] = (place.region,)  # where something of these is
        self.names: dict[str, set[str]] = {}  # resource → what AWS called it, where that differs from run to run
        self.guest: Account | None = None  # the account that may be given what is of this one
        self._elsewhere: dict[str, Any] = {}

    @cached_property
    def autoscaling(self) -> Any:
        return self.place.client("autoscaling")

    @cached_property
    def ec2(self) -> Any:
        return self.place.client("ec2")

    def ec2_in(self, region: str) -> Any:
        """A client of another region, or of its own."""
        if region == self.place.region:
            return self.ec2
        if region not in self._elsewhere:
            make: Any = self.place.session.client
            self._elsewhere[region] = make("ec2", endpoint_url=self.place.endpoint, region_name=region)
        return self._elsewhere[region]

    @cached_property
    def elbv2(self) -> Any:
        return self.place.client("elbv2")

    @cached_property
    def elb(self) -> Any:
        return self.place.client("elb")

    @cached_property
    def cloudwatch(self) -> Any:
        return self.place.client("cloudwatch")

    def read(self, service: str, operation: str, region: str = "", **params: Any) -> Any:
        """The output members of a call that changes nothing; another region's only of EC2."""
        if self._plain:
            return self._plain.ask(self.place.account, region or self.place.region, service, operation, params)
        client = self.ec2_in(region) if region else getattr(self, service)
        return getattr(client, xform_name(operation))(**params)

    def state(self, *kinds: str) -> State:
        """Everything that counts, or what is of some kinds (names in READERS, the first words of resources)."""
        found: State = {}
        for kind in kinds or self.kinds:
            found |= {f"{kind} {name}": attributes for name, attributes in READERS[kind](self)}
        return found

    def deleting(self) -> bool:
        """Whether a group is still being deleted."""
        return any("Status" in group for group in self.groups())

    def groups(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.read("autoscaling", "DescribeAutoScalingGroups")["AutoScalingGroups"]
        return found


Reader = Callable[[Account], Iterator[tuple[str, dict[str, Any]]]]


def short(arn: str) -> str:
    """The name in an ARN of a target group, or the name itself."""
    return arn.split("/")[1] if arn.startswith("arn:") else arn


def _groups(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    for group in account.groups():
        if "Status" in group:
            continue  # being deleted: as good as gone
        template = group.get("LaunchTemplate") or group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
        sources = [(short(each["Identifier"]), each.get("Type", "")) for each in group.get("TrafficSources", ())]
        yield (
            group["AutoScalingGroupName"],
            {
                "size": (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]),
                "version": template.get("Version") or template.get("LaunchTemplateSpecification", {}).get("Version"),
                "traffic": sorted({*map(short, group["TargetGroupARNs"]), *group["LoadBalancerNames"]}),
                "sources": sorted(sources),
                "suspended": sorted(process["ProcessName"] for process in group["SuspendedProcesses"]),
                "tags": sorted(tag["Key"] for tag in group["Tags"]),
                "settings": (group["HealthCheckGracePeriod"], group["DefaultCooldown"]),
                "protected": sum(member["ProtectedFromScaleIn"] for member in group["Instances"]),
                "protection": group.get("DeletionProtection", "none"),
                "metrics": sorted(metric["Metric"] for metric in group.get("EnabledMetrics", ())),
                "warm pool": bool(group.get("WarmPoolConfiguration")),
            },
        )


def _templates(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in account.read("ec2", "DescribeLaunchTemplates")["LaunchTemplates"]:
        versions = account.read("ec2", "DescribeLaunchTemplateVersions", LaunchTemplateId=template["LaunchTemplateId"])
        numbers = sorted(version["VersionNumber"] for version in versions["LaunchTemplateVersions"])
        yield _TOKEN.sub("-token", template["LaunchTemplateName"]), {"versions": numbers}


def _traffic(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    for group in account.read("elbv2", "DescribeTargetGroups")["TargetGroups"]:
        account.target_groups[group["TargetGroupName"]] = group["TargetGroupArn"]
        yield f"target-group {group['TargetGroupName']}", {"port": group["Port"]}
    for balancer in account.read("elbv2", "DescribeLoadBalancers")["LoadBalancers"]:
        listeners = account.read("elbv2", "DescribeListeners", LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        for listener in listeners:
            name = f"listener {balancer['LoadBalancerName']}:{listener['Port']}"
            for rule in account.read("elbv2", "DescribeRules", ListenerArn=listener["ListenerArn"])["Rules"]:
                yield f"{name} {rule['Priority']}", {"weights": _weights(rule["Actions"])}


def _weights(actions: list[dict[str, Any]]) -> dict[str, int]:
    """Target group name → weight above 0; one that stands alone has 1."""
    found: dict[str, int] = {}
    for action in actions:
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [action]
        for group in groups:
            weight = group.get("Weight", 1)
            if "TargetGroupArn" in group and weight:
                found[short(group["TargetGroupArn"])] = weight
    return found


def _alarms(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    for alarm in account.read("cloudwatch", "DescribeAlarms")["MetricAlarms"]:
        if not alarm["AlarmName"].startswith("TargetTracking-"):  # AWS's own
            acts = sorted(action.rsplit(":", 1)[-1] for action in alarm.get("AlarmActions", ()))
            yield alarm["AlarmName"], {"metric": alarm.get("MetricName"), "acts": acts}


def _extras(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    for policy in account.read("autoscaling", "DescribePolicies")["ScalingPolicies"]:
        tracked = policy.get("TargetTrackingConfiguration", {}).get("TargetValue")
        seen = {"type": policy["PolicyType"], "on": policy.get("Enabled", True), "target": tracked}
        yield f"policy {policy['AutoScalingGroupName']}/{policy['PolicyName']}", seen
    for action in account.read("autoscaling", "DescribeScheduledActions")["ScheduledUpdateGroupActions"]:
        name = f"schedule {action['AutoScalingGroupName']}/{action['ScheduledActionName']}"
        yield name, {"desired": action.get("DesiredCapacity"), "cron": action.get("Recurrence")}
    for group in account.groups():
        name = group["AutoScalingGroupName"]
        if "Status" not in group:
            hooks = account.read("autoscaling", "DescribeLifecycleHooks", AutoScalingGroupName=name)["LifecycleHooks"]
            for hook in hooks:
                yield f"hook {name}/{hook['LifecycleHookName']}", {"to": hook["LifecycleTransition"]}


def _notices(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    told: dict[str, list[str]] = {}
    for each in account.read("autoscaling", "DescribeNotificationConfigurations")["NotificationConfigurations"]:
        told.setdefault(f"{each['AutoScalingGroupName']}/{each['TopicARN'].rsplit(':', 1)[-1]}", []).append(
            each["NotificationType"]
        )
    yield from ((name, {"of": sorted(types)}) for name, types in told.items())


def _classic(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        balancers = account.read("elb", "DescribeLoadBalancers")["LoadBalancerDescriptions"]
    except ClientError:  # a cloud without classic load balancers
        return
    for balancer in balancers:
        yield balancer["LoadBalancerName"], {"there": True}


READERS: dict[str, Reader] = {
    "group": _groups,
    "template": _templates,
    "traffic": _traffic,
    "alarm": _alarms,
    "extra": _extras,
    "notice": _notices,
    "classic": _classic,
    "builder": made.builders,
    "image": made.images,
    "share": shared.shares,
}


def renamed(value: Any, before: str, after: str) -> Any:
    """A state, or any part of one, with another name of the cluster."""
    if isinstance(value, str):
        return value.replace(before, after)
    if isinstance(value, dict):
        return {renamed(key, before, after): renamed(each, before, after) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(renamed(each, before, after) for each in value)
    return value


def differences(before: State, after: State) -> Iterator[tuple[str, str, Any, Any]]:
    """(resource, attribute, before, after) of all that differs; a whole resource is one of attribute ""."""
    for resource in sorted({*before, *after}):
        old, new = before.get(resource), after.get(resource)
        if old is None or new is None:
            yield resource, "", old, new
            continue
        for attribute in sorted({*old, *new}):
            if old.get(attribute) != new.get(attribute):
                yield resource, attribute, old.get(attribute), new.get(attribute)
