"""Auto Scaling's answers as our values."""

from __future__ import annotations

from apps.cloud.aws.shapes import Shape, tags
from apps.cloud.values import Activity, GroupState, LaunchTemplateRef, MemberState, TrafficSource


def group_state(shape: Shape) -> GroupState:
    """One member of DescribeAutoScalingGroups' AutoScalingGroups."""
    return GroupState(
        name=shape["AutoScalingGroupName"],
        arn=shape.get("AutoScalingGroupARN", ""),
        created_at=shape["CreatedTime"],
        min_size=shape["MinSize"],
        max_size=shape["MaxSize"],
        desired=shape["DesiredCapacity"],
        members=tuple(_member(member) for member in shape.get("Instances") or ()),
        launch_template=template_ref(shape.get("LaunchTemplate") or _mixed_template(shape)),
        traffic_sources=traffic_sources(shape),
        suspended={
            each["ProcessName"]: each.get("SuspensionReason", "") for each in shape.get("SuspendedProcesses") or ()
        },
        tags=tags(shape.get("Tags")),
        zones=tuple(sorted(shape.get("AvailabilityZones") or ())),
        health_check_type=shape.get("HealthCheckType", "EC2"),
        health_check_grace=shape.get("HealthCheckGracePeriod") or 0,
        status=shape.get("Status") or "",
        raw=shape,
    )


def traffic_sources(shape: Shape) -> tuple[TrafficSource, ...]:
    """Each source once, with the family of calls that attached it.

    AWS lists what the two older families attached in their own members and may list it in TrafficSources as well.
    """
    found = [TrafficSource(arn, "target-group") for arn in shape.get("TargetGroupARNs") or ()]
    found += [TrafficSource(name, "classic", "elb") for name in shape.get("LoadBalancerNames") or ()]
    older = {source.identifier for source in found}
    found += [
        TrafficSource(each["Identifier"], "traffic-source", each.get("Type") or "elbv2")
        for each in shape.get("TrafficSources") or ()
        if each["Identifier"] not in older
    ]
    return tuple(found)


def template_ref(shape: Shape | None) -> LaunchTemplateRef | None:
    """A LaunchTemplateSpecification; a version left out means the template's default."""
    if not shape:
        return None
    return LaunchTemplateRef(
        id=shape.get("LaunchTemplateId", ""),
        name=shape.get("LaunchTemplateName", ""),
        version=shape.get("Version") or "$Default",
    )


def _mixed_template(shape: Shape) -> Shape | None:
    """The template that a mixed instances policy launches from."""
    policy: Shape = shape.get("MixedInstancesPolicy") or {}
    template: Shape = policy.get("LaunchTemplate") or {}
    return template.get("LaunchTemplateSpecification")


def activity(shape: Shape) -> Activity:
    """One member of DescribeScalingActivities' Activities."""
    return Activity(
        id=shape["ActivityId"],
        group=shape["AutoScalingGroupName"],
        status=shape["StatusCode"],
        description=shape.get("Description", ""),
        cause=shape.get("Cause", ""),
        started_at=shape["StartTime"],
        ended_at=shape.get("EndTime"),
        status_message=shape.get("StatusMessage", ""),
    )


def _member(shape: Shape) -> MemberState:
    return MemberState(
        id=shape["InstanceId"],
        zone=shape.get("AvailabilityZone", ""),
        lifecycle_state=shape["LifecycleState"],
        # the API writes "Healthy", its examples and some tools "HEALTHY"
        health_status=shape.get("HealthStatus", "").capitalize(),
        protected=bool(shape.get("ProtectedFromScaleIn", False)),
        instance_type=shape.get("InstanceType", ""),
        launch_template=template_ref(shape.get("LaunchTemplate")),
    )
