"""The cloud's values as columns."""

from __future__ import annotations

from datetime import UTC, datetime

from apps.cloud.values import (
    GroupState,
    ImageState,
    InstanceState,
    LaunchTemplateRef,
    LaunchTemplateState,
    ListenerState,
    LoadBalancerState,
    MemberState,
    RuleState,
    TargetGroupState,
    TargetHealth,
)
from apps.inventory import appversion
from apps.inventory.models import Image
from apps.inventory.services.reconcile import Fields

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # an AMI whose date AWS does not tell sorts last

# members of a group's describe that are shown but have no column
DETAILS = (
    "CapacityRebalance",
    "DefaultCooldown",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "HealthCheckGracePeriod",
    "LaunchConfigurationName",
    "MaxInstanceLifetime",
    "MixedInstancesPolicy",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TerminationPolicies",
    "VPCZoneIdentifier",
    "WarmPoolConfiguration",
)


def template_of(group: GroupState) -> LaunchTemplateRef | None:
    """The template a group launches from, also when a mixed instances policy names it."""
    if group.launch_template:
        return group.launch_template
    policy = group.raw.get("MixedInstancesPolicy") or {}
    named = (policy.get("LaunchTemplate") or {}).get("LaunchTemplateSpecification") or {}
    if not named.get("LaunchTemplateId"):
        return None
    return LaunchTemplateRef(
        named["LaunchTemplateId"], named.get("LaunchTemplateName", ""), named.get("Version") or "$Default"
    )


def group_fields(group: GroupState, *, cluster_id: int | None, image_id: str, instance_type: str) -> Fields:
    """`image_id` and `instance_type` are of the group's template version, or of its instances."""
    template = template_of(group)
    return {
        "cluster_id": cluster_id,
        "arn": group.arn,
        "created_at": group.created_at,
        "min_size": group.min_size,
        "max_size": group.max_size,
        "desired": group.desired,
        "instance_count": len(group.members),
        "in_service_count": len(group.in_service),
        "launch_template_id": template.id if template else "",
        "launch_template_name": template.name if template else "",
        "launch_template_version": template.version if template else "",
        "instance_type": instance_type,
        "image_id": image_id,
        "health_check_type": group.health_check_type,
        "status": group.status,
        "suspended": dict(group.suspended),
        "traffic_sources": [
            {"identifier": source.identifier, "via": source.via, "type": source.type}
            for source in group.traffic_sources
        ],
        "zones": list(group.zones),
        "tags": dict(group.tags),
        "details": {name: group.raw[name] for name in DETAILS if group.raw.get(name) is not None},
    }


def instance_fields(instance: InstanceState, member: MemberState | None, group_id: int | None) -> Fields:
    """`member` is how its group sees it; None when it is in no group."""
    template = member.launch_template if member else None
    return {
        "group_id": group_id,
        "zone": instance.zone,
        "state": instance.state,
        "lifecycle_state": member.lifecycle_state if member else "",
        "health_status": member.health_status if member else "",
        "protected": member.protected if member else False,
        "private_ip": instance.private_ip,
        "image_id": instance.image_id,
        "instance_type": instance.instance_type,
        "launch_template_version": template.version if template else "",
        "launched_at": instance.launched_at,
        "tags": dict(instance.tags),
        "details": _launched_with(instance, template),
    }


def _launched_with(instance: InstanceState, template: LaunchTemplateRef | None) -> Fields:
    """In AWS's names; what is not known is left out."""
    groups = [{"GroupId": id_, "GroupName": name} for id_, name in instance.security_groups]
    known: Fields = {
        "LaunchTemplate": _named(template) if template else None,
        "KeyName": instance.key_name,
        "SubnetId": instance.subnet_id,
        "VpcId": instance.vpc_id,
        "SecurityGroups": groups,
        "IamInstanceProfile": {"Arn": instance.profile} if instance.profile else None,
    }
    return {name: value for name, value in known.items() if value}


def _named(template: LaunchTemplateRef) -> Fields:
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "Version": template.version,
    }


def template_fields(template: LaunchTemplateState) -> Fields:
    return {
        "name": template.name,
        "default_version": template.default_version,
        "latest_version": template.latest_version,
        "created_at": template.created_at,
        "tags": dict(template.tags),
    }


def image_fields(image: ImageState, *, account: str, listed: bool) -> Fields:
    """`listed`: AWS told of it as owned by or given to the account, and not only when asked for its id."""
    software = appversion.from_tags(image.tags)
    return {
        "name": image.name,
        "owner": image.owner,
        "state": image.state,
        "architecture": image.architecture,
        "description": image.description,
        "public": image.public,
        "source": _source(image, account, listed),
        "created_at": image.created_at or UNDATED,
        "tags": dict(image.tags),
        "application": software.application[:255],
        "version": software.version[:255],
        "commit": software.commit[:64],
        "build": software.build[:255],
    }


def _source(image: ImageState, account: str, listed: bool) -> str:
    if image.owner == account:
        return Image.Source.OWNED.value
    return Image.Source.SHARED.value if listed else Image.Source.RUN.value


def target_group_fields(group: TargetGroupState) -> Fields:
    return {
        "name": group.name,
        "protocol": group.protocol,
        "port": group.port,
        "target_type": group.target_type,
        "vpc_id": group.vpc_id,
        "health_path": group.health_path,
        "health_interval": group.health_interval,
        "healthy_threshold": group.healthy_threshold,
        "load_balancers": sorted(group.load_balancers),
    }


def load_balancer_fields(balancer: LoadBalancerState) -> Fields:
    return {
        "name": balancer.name,
        "dns_name": balancer.dns_name,
        "scheme": balancer.scheme,
        "state": balancer.state,
        "vpc_id": balancer.vpc_id,
    }


def listener_rows(listeners: tuple[ListenerState, ...], rules: tuple[RuleState, ...]) -> list[Fields]:
    """Listeners with their rules as LoadBalancer.listeners keeps them."""
    return [
        {
            "arn": listener.arn,
            "port": listener.port,
            "protocol": listener.protocol,
            "rules": [_rule_row(rule) for rule in rules if rule.listener == listener.arn],
        }
        for listener in sorted(listeners, key=lambda listener: (listener.port, listener.arn))
    ]


def health_row(health: TargetHealth) -> dict[str, str]:
    return {"state": health.state, "reason": health.reason, "description": health.description}


def _rule_row(rule: RuleState) -> Fields:
    return {
        "arn": rule.arn,
        "priority": rule.priority,
        "conditions": list(rule.conditions),
        "forwards": [{"target_group": forward.target_group, "weight": forward.weight} for forward in rule.forwards],
    }
