"""Auto Scaling: groups, their sizes and processes, what sends them traffic, their activities.

Auto Scaling gives none of its changing calls a client token; each wrapper says how to see whether it took effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from apps.cloud.aws.autoscaling_shapes import activity, group_state
from apps.cloud.aws.resting import collector_resting
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import chunks
from apps.cloud.errors import NotFound
from apps.cloud.values import Activity, GroupSpec, GroupState, Target, TrafficSource

SERVICE = "autoscaling"
PAGE = 100  # the most groups, and names, one call takes
SOURCES_PER_CALL = 10


def describe_groups(target: Target, names: Iterable[str] | None = None, *, prefix: str = "") -> tuple[GroupState, ...]:
    """The named groups that exist (unknown names are left out), or all of the region; sorted by name.

    `prefix` keeps those whose name begins with it; AWS cannot filter so, all groups are read.
    """
    batches: Iterable[Sequence[str] | None] = [None] if names is None else chunks(sorted(set(names)), PAGE)
    operation = "DescribeAutoScalingGroups"
    with collector_resting():
        found = [
            group_state(shape)
            for batch in batches
            for page in pages(target, SERVICE, operation, AutoScalingGroupNames=batch, MaxRecords=PAGE)
            for shape in page["AutoScalingGroups"]
            if shape["AutoScalingGroupName"].startswith(prefix)
        ]
    return tuple(sorted(found, key=lambda group: group.name))


def describe_group(target: Target, name: str) -> GroupState:
    """One group; raises NotFound."""
    found = describe_groups(target, [name])
    if not found:
        raise NotFound(f"There is no Auto Scaling group {name}.", operation="DescribeAutoScalingGroups")
    return found[0]


def describe_activities(target: Target, group: str, limit: int = 20) -> tuple[Activity, ...]:
    """The group's newest scaling activities, newest first; at most `limit`."""
    found: list[Activity] = []
    size = min(limit, PAGE)
    for page in pages(target, SERVICE, "DescribeScalingActivities", AutoScalingGroupName=group, MaxRecords=size):
        found += [activity(shape) for shape in page["Activities"]]
        if len(found) >= limit:
            break
    return tuple(found[:limit])


def create_group(target: Target, spec: GroupSpec) -> None:
    """CreateAutoScalingGroup. No client token: the name is unique, a repeat raises AlreadyExists.

    Took effect if the group exists; that it is ours, a tag with the run's id among `spec.parameters` says.
    """
    call(target, SERVICE, "CreateAutoScalingGroup", AutoScalingGroupName=spec.name, **spec.parameters)


def update_group(
    target: Target,
    name: str,
    *,
    min_size: int | None = None,
    max_size: int | None = None,
    desired: int | None = None,
) -> None:
    """UpdateAutoScalingGroup; None leaves a size as it is. No client token, repeating it is harmless.

    Took effect if describe_groups shows the sizes.
    """
    call(
        target,
        SERVICE,
        "UpdateAutoScalingGroup",
        AutoScalingGroupName=name,
        MinSize=min_size,
        MaxSize=max_size,
        DesiredCapacity=desired,
    )


def set_members(target: Target, name: str, members: Mapping[str, object]) -> None:
    """UpdateAutoScalingGroup with these members, in AWS's own names; all others stay as they are.

    No client token, repeating it is harmless. Took effect if `raw` of describe_groups shows them.
    """
    call(target, SERVICE, "UpdateAutoScalingGroup", AutoScalingGroupName=name, **members)


def template_of(group: GroupState) -> dict[str, str]:
    """The LaunchTemplateSpecification a group names, alone or in its mixed instances policy, by id; {} without one."""
    policy = group.raw.get("MixedInstancesPolicy")
    named = policy["LaunchTemplate"]["LaunchTemplateSpecification"] if policy else group.raw.get("LaunchTemplate")
    if not named:
        return {}
    return {"LaunchTemplateId": named["LaunchTemplateId"], "Version": named.get("Version") or "$Default"}


def set_template(target: Target, group: GroupState, specification: Mapping[str, str]) -> None:
    """UpdateAutoScalingGroup with another launch template version; all else of a mixed instances policy stays.

    No client token, repeating it is harmless. Took effect if `template_of` the group described is `specification`.
    """
    policy = group.raw.get("MixedInstancesPolicy")
    member: dict[str, object] = {"LaunchTemplate": dict(specification)}
    if policy:
        template = {**policy["LaunchTemplate"], "LaunchTemplateSpecification": dict(specification)}
        member = {"MixedInstancesPolicy": {**policy, "LaunchTemplate": template}}
    call(target, SERVICE, "UpdateAutoScalingGroup", AutoScalingGroupName=group.name, **member)


def suspend(target: Target, name: str, processes: Sequence[str]) -> None:
    """SuspendProcesses. No client token, repeating it is harmless. Took effect if `suspended` lists them."""
    if processes:
        call(target, SERVICE, "SuspendProcesses", AutoScalingGroupName=name, ScalingProcesses=list(processes))


def resume(target: Target, name: str, processes: Sequence[str]) -> None:
    """ResumeProcesses. No client token, repeating it is harmless. Took effect if `suspended` lacks them."""
    if processes:
        call(target, SERVICE, "ResumeProcesses", AutoScalingGroupName=name, ScalingProcesses=list(processes))


def attach(target: Target, group_name: str, sources: Sequence[TrafficSource]) -> None:
    """Attaches each source by the family of calls its `via` names.

    No client token, repeating it is harmless. Taken in at once, shown by describe_groups; done when the group's
    instances are healthy in the target group.
    """
    _move(target, "Attach", group_name, sources)


def detach(target: Target, group_name: str, sources: Sequence[TrafficSource]) -> None:
    """Detaches each source by the family of calls its `via` names; the instances keep running.

    No client token. Repeated, AWS may answer NotFound or Invalid for what is no longer attached: describe first.
    Done when DescribeTargetHealth no longer lists the instances.
    """
    _move(target, "Detach", group_name, sources)


def delete_group(target: Target, name: str, *, force: bool) -> None:
    """DeleteAutoScalingGroup; with `force` its instances are terminated too, else AWS refuses while it has any.

    No client token. Took effect if the group is gone or its `status` says "Delete in progress".
    """
    call(target, SERVICE, "DeleteAutoScalingGroup", AutoScalingGroupName=name, ForceDelete=force)


def create_or_update_tags(target: Target, group: str, tags: Mapping[str, str], *, propagate: bool = False) -> None:
    """CreateOrUpdateTags. No client token, repeating it is harmless. Took effect if the group's `tags` show them.

    `propagate`: instances launched from now on get them too.
    """
    members = [{**_tag(group, key), "Value": value, "PropagateAtLaunch": propagate} for key, value in tags.items()]
    if members:
        call(target, SERVICE, "CreateOrUpdateTags", Tags=members)


def delete_tags(target: Target, group: str, keys: Iterable[str]) -> None:
    """DeleteTags. No client token, repeating it is harmless. Took effect if the group's `tags` lack them."""
    members = [_tag(group, key) for key in keys]
    if members:
        call(target, SERVICE, "DeleteTags", Tags=members)


def terminate_instance(target: Target, instance_id: str, *, decrement: bool) -> None:
    """TerminateInstanceInAutoScalingGroup; with `decrement` desired shrinks by one, else it is replaced.

    No client token. Never repeat blindly with `decrement`: look whether the instance is Terminating or gone.
    """
    call(
        target,
        SERVICE,
        "TerminateInstanceInAutoScalingGroup",
        InstanceId=instance_id,
        ShouldDecrementDesiredCapacity=decrement,
    )


def detach_instance(target: Target, group: str, instance_id: str, *, decrement: bool) -> None:
    """DetachInstances of one: it runs on by itself; with `decrement` desired shrinks by one, else another is launched.

    No client token; of an instance that is no member any more it is refused, so a repeat has no second effect.
    """
    sent = {"InstanceIds": [instance_id], "ShouldDecrementDesiredCapacity": decrement}
    call(target, SERVICE, "DetachInstances", AutoScalingGroupName=group, **sent)


def protect_instance(target: Target, group: str, instance_id: str, *, protected: bool) -> None:
    """SetInstanceProtection of one: whether scale-in passes it by. No client token, repeating it is harmless."""
    sent = {"InstanceIds": [instance_id], "ProtectedFromScaleIn": protected}
    call(target, SERVICE, "SetInstanceProtection", AutoScalingGroupName=group, **sent)


def _tag(group: str, key: str) -> dict[str, object]:
    return {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key}


def _move(target: Target, verb: str, group: str, sources: Sequence[TrafficSource]) -> None:
    for via, operation, member in (
        ("target-group", "LoadBalancerTargetGroups", "TargetGroupARNs"),
        ("classic", "LoadBalancers", "LoadBalancerNames"),
        ("traffic-source", "TrafficSources", "TrafficSources"),
    ):
        chosen = [source for source in sources if source.via == via]
        for batch in chunks(chosen, SOURCES_PER_CALL):
            call(target, SERVICE, verb + operation, AutoScalingGroupName=group, **{member: _members(batch)})


def _members(sources: Sequence[TrafficSource]) -> list[object]:
    return [
        {"Identifier": source.identifier, "Type": source.type} if source.via == "traffic-source" else source.identifier
        for source in sources
    ]
