"""Lifecycle hooks of a group, and completing or prolonging what they hold."""

from __future__ import annotations

from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.hooks import (
    ABANDON,
    CONTINUE,
    LAUNCHING,
    TERMINATING,
    complete_hook,
    heartbeat,
)
from apps.localcloud.autoscaling.model import Group, Groups, LifecycleAction, groups
from apps.localcloud.autoscaling.notices import send_test
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation

_MOST = 50  # hooks a group may have


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


@operation("autoscaling", "PutLifecycleHook")
def put_lifecycle_hook(call: Call) -> Result:
    """Makes a hook, or changes what is given of one; members that wait already keep to what it was."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    name = call.params["LifecycleHookName"]
    if name not in group.hooks and len(group.hooks) >= _MOST:
        raise AwsError("LimitExceeded", f"You cannot have more than {_MOST} lifecycle hooks for this group.")
    given = {member: value for member, value in call.params.items() if value is not None}
    group.hooks[name] = complete_hook(group.name, {**group.hooks.get(name, {}), **given})
    target = group.hooks[name].get("NotificationTargetARN")
    if target:
        send_test(call.cloud, group, target)
    return {}


@operation("autoscaling", "DescribeLifecycleHooks")
def describe_lifecycle_hooks(call: Call) -> Result:
    """By group and names."""
    group = _known(call).require(call.params["AutoScalingGroupName"])
    wanted = call.params.get("LifecycleHookNames") or []
    return {"LifecycleHooks": [hook for name, hook in group.hooks.items() if not wanted or name in wanted]}


@operation("autoscaling", "DeleteLifecycleHook")
def delete_lifecycle_hook(call: Call) -> Result:
    """What it holds is ended first: launches are abandoned, terminations go on."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    name = call.params["LifecycleHookName"]
    if group.hooks.pop(name, None) is None:
        raise validation_error(f"No Lifecycle Hook found with name {name}")
    for member in group.everybody():
        action = member.actions.get(name)
        if action is not None and not action.result:
            action.result = ABANDON if action.hook["LifecycleTransition"] == LAUNCHING else CONTINUE
            action.because = "Lifecycle hook was deleted"
    touch(call.cloud, group)
    return {}


@operation("autoscaling", "DescribeLifecycleHookTypes")
def describe_lifecycle_hook_types(call: Call) -> Result:
    """On the way in, and on the way out."""
    return {"LifecycleHookTypes": [LAUNCHING, TERMINATING]}


@operation("autoscaling", "CompleteLifecycleAction")
def complete_lifecycle_action(call: Call) -> Result:
    """CONTINUE or ABANDON, for one hook of one member."""
    result = call.params["LifecycleActionResult"]
    if result not in (CONTINUE, ABANDON):
        raise validation_error(f"Invalid LifecycleActionResult {result}. It must be CONTINUE or ABANDON")
    group, action = _open_action(call)
    action.result, action.because = result, f"Lifecycle Action Completed with {result} Result"
    touch(call.cloud, group)
    return {}


@operation("autoscaling", "RecordLifecycleActionHeartbeat")
def record_lifecycle_action_heartbeat(call: Call) -> Result:
    """The time-out runs anew."""
    group, action = _open_action(call)
    heartbeat(call.cloud, action)
    touch(call.cloud, group)
    return {}


def _open_action(call: Call) -> tuple[Group, LifecycleAction]:
    """The one that instance id or token names. Raises AwsError."""
    group = _known(call).require(call.params["AutoScalingGroupName"])
    name, token = call.params["LifecycleHookName"], call.params.get("LifecycleActionToken")
    instance_id = call.params.get("InstanceId")
    if not token and not instance_id:
        raise validation_error("Either LifecycleActionToken or InstanceId must be specified")
    for member in group.everybody():
        action = member.actions.get(name)
        if action is None or action.result or not member.lifecycle.endswith(":Wait"):
            continue
        if (not token or action.token == token) and (not instance_id or member.id == instance_id):
            return group, action
    what = f"token {token}" if token else f"instance ID {instance_id}"
    raise validation_error(f"No active Lifecycle Action found with {what}")
