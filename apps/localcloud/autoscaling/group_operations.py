"""Creating, changing, sizing and deleting groups. Nothing is launched here: the engine does that."""

from __future__ import annotations

from uuid import uuid4

from apps.localcloud.autoscaling import attachments
from apps.localcloud.autoscaling.activities import stamp
from apps.localcloud.autoscaling.attachment_operations import sources
from apps.localcloud.autoscaling.capacity import Sizes, change, cools_down, scale
from apps.localcloud.autoscaling.configuration_operations import check_limit
from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.hooks import complete_hook
from apps.localcloud.autoscaling.model import (
    BY_LOAD_BALANCERS,
    BY_TARGET_GROUPS,
    BY_TRAFFIC_SOURCES,
    Group,
    Groups,
    groups,
)
from apps.localcloud.autoscaling.notices import send_test
from apps.localcloud.autoscaling.policy_operations import forget_policies
from apps.localcloud.autoscaling.settings import (
    apply_choices,
    check_choices,
    check_sizes,
    launch_source,
    placement,
)
from apps.localcloud.autoscaling.sources import check_launchable, complete_source
from apps.localcloud.autoscaling.terminations import advance, terminate
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.iam.service_role import note_group
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.quotas.model import GROUPS

_DELETION = 0.3  # seconds that a group without instances is described as "Delete in progress"


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


@operation("autoscaling", "CreateAutoScalingGroup")
def create_group(call: Call) -> Result:
    """A group at its desired capacity's beginning: without instances yet."""
    params, name = call.params, call.params["AutoScalingGroupName"]
    if name in _known(call).by_name:
        raise AwsError(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )
    check_limit(call, GROUPS, len(_known(call).by_name), "Auto Scaling groups")
    if len(name) > 255 or ":" in name:
        raise validation_error(f"1 validation error detected: Value '{name}' at 'autoScalingGroupName' is not valid")
    group = _checked_group(call)
    arns = dict.fromkeys(sources(params), BY_TRAFFIC_SOURCES)
    arns.update(dict.fromkeys(params.get("LoadBalancerNames") or [], BY_LOAD_BALANCERS))
    arns.update(dict.fromkeys(params.get("TargetGroupARNs") or [], BY_TARGET_GROUPS))
    attachments.check_exists(call.cloud, call.account, call.region, arns)
    check_launchable(call.cloud, group)
    given = params.get("LifecycleHookSpecificationList") or []
    group.hooks = {hook["LifecycleHookName"]: complete_hook(name, hook) for hook in given}
    _known(call).by_name[name] = group
    note_group(call.cloud, call.account)
    for target in [hook["NotificationTargetARN"] for hook in group.hooks.values() if "NotificationTargetARN" in hook]:
        send_test(call.cloud, group, target)
    for arn, how in arns.items():
        attachments.attach(call.cloud, group, arn, how, at_creation=True)
    group.capacity_cause = (
        f"At {stamp()} a user request created an AutoScalingGroup changing the desired capacity from 0 to"
        f" {group.desired}."
    )
    touch(call.cloud, group)
    return None


def _checked_group(call: Call) -> Group:
    params = call.params
    source = launch_source(params)
    if source is None:
        raise validation_error(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or"
            " MixedInstancesPolicy parameter."
        )
    place = placement(call.account, call.region, params)
    if place is None:
        raise validation_error("At least one Availability Zone or VPC Subnet is required.")
    low, high = int(params["MinSize"]), int(params["MaxSize"])
    desired = int(params["DesiredCapacity"]) if params.get("DesiredCapacity") is not None else low
    check_sizes(low, high, desired)
    check_choices(params)
    name = params["AutoScalingGroupName"]
    group = Group(
        name=name,
        arn=f"arn:aws:autoscaling:{call.region}:{call.account}:autoScalingGroup:{uuid4()}:autoScalingGroupName/{name}",
        account=call.account,
        region=call.region,
        min_size=low,
        max_size=high,
        desired=desired,
        launch=complete_source(call.cloud, call.account, call.region, source),
        zones=place[0],
        subnets=place[1],
        tags={
            one["Key"]: (one.get("Value") or "", bool(one.get("PropagateAtLaunch"))) for one in params.get("Tags") or []
        },
    )
    apply_choices(group, params)
    return group


@operation("autoscaling", "UpdateAutoScalingGroup")
def update_group(call: Call) -> Result:
    """What is not given stays. A new bound pulls the desired capacity with it, unless that is given too."""
    params = call.params
    group = _known(call).changeable(params["AutoScalingGroupName"])
    low, high, desired = _new_sizes(group, call)
    check_sizes(low, high, desired)
    check_choices(params)
    place = placement(call.account, call.region, params)
    source = launch_source(params)
    if source is not None:
        before, group.launch = group.launch, complete_source(call.cloud, call.account, call.region, source)
        try:
            check_launchable(call.cloud, group)
        except AwsError:
            group.launch = before
            raise
    if place is not None:
        group.zones, group.subnets = place
    apply_choices(group, params)
    because = f"a user request update of AutoScalingGroup constraints to min: {low}, max: {high}, desired: {desired}"
    change(call.cloud, group, Sizes(low, high, desired), because)
    return None


def _new_sizes(group: Group, call: Call) -> tuple[int, int, int]:
    params = call.params
    low = int(params["MinSize"]) if params.get("MinSize") is not None else group.min_size
    high = int(params["MaxSize"]) if params.get("MaxSize") is not None else group.max_size
    if params.get("DesiredCapacity") is not None:
        return low, high, int(params["DesiredCapacity"])
    return low, high, max(low, min(high, group.desired))


@operation("autoscaling", "SetDesiredCapacity")
def set_desired_capacity(call: Call) -> Result:
    """Within the group's bounds; refused during a cooldown only if that is to be honoured."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    wanted = int(call.params["DesiredCapacity"])
    if wanted > group.max_size:
        raise validation_error(
            f"New SetDesiredCapacity value {wanted} is above max value {group.max_size} for the AutoScalingGroup."
        )
    if wanted < group.min_size:
        raise validation_error(
            f"New SetDesiredCapacity value {wanted} is below min value {group.min_size} for the AutoScalingGroup."
        )
    if call.params.get("HonorCooldown") and cools_down(group):
        raise AwsError("ScalingActivityInProgress", f"A cooldown of group {group.name} is not over yet")
    scale(call.cloud, group, wanted, "a user request explicitly set group desired capacity")
    return None


@operation("autoscaling", "DeleteAutoScalingGroup")
def delete_group(call: Call) -> Result:
    """Refused while there are instances, unless forced: then they are terminated without draining."""
    group = _known(call).require(call.params["AutoScalingGroupName"])
    if group.deleting:
        return None
    forced = bool(call.params.get("ForceDelete"))
    if group.members and not forced:
        busy = any(member.lifecycle != "InService" for member in group.members.values())
        if busy:
            raise AwsError(
                "ScalingActivityInProgress",
                "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
            )
        raise AwsError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s)"
            " still in the group.",
        )
    if group.pool and not forced:
        raise AwsError("ResourceInUse", "You cannot delete an AutoScalingGroup while its warm pool has instances.")
    group.status = "Delete in progress"
    group.desired = group.min_size = 0
    forget_policies(call.cloud, group)
    _end_all(call, group)
    touch(call.cloud, group, call.cloud.delay(_DELETION))
    return None


def _end_all(call: Call, group: Group) -> None:
    for member in list(group.members.values()):
        if not member.leaves:
            cause = f"At {stamp()} a user request force deleted AutoScalingGroup changing the desired capacity to 0."
            terminate(call.cloud, group, member, cause)
    advance(call.cloud, group)
