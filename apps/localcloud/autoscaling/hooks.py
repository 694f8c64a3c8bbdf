"""Lifecycle hooks: what makes a member wait on its way in or out, whom that is told, and how the wait ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from apps.localcloud import messages
from apps.localcloud.autoscaling.model import Group, LifecycleAction, Member
from apps.localcloud.autoscaling.notices import heading
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.errors import validation_error

LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
CONTINUE, ABANDON = "CONTINUE", "ABANDON"
_SHORTEST, _LONGEST, _LIMIT = 30, 7200, 172800  # seconds
_EVENTS = {
    LAUNCHING: "EC2 Instance-launch Lifecycle Action",
    TERMINATING: "EC2 Instance-terminate Lifecycle Action",
}


def complete_hook(group: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A hook as it is kept and described, from a request's members. Raises AwsError."""
    hook: dict[str, Any] = {"HeartbeatTimeout": 3600, "DefaultResult": ABANDON, **given, "AutoScalingGroupName": group}
    if hook.get("LifecycleTransition") not in (LAUNCHING, TERMINATING):
        raise validation_error("LifecycleTransition must be specified for a new lifecycle hook")
    if hook["DefaultResult"] not in (CONTINUE, ABANDON):
        raise validation_error(f"Invalid DefaultResult {hook['DefaultResult']}. It must be CONTINUE or ABANDON")
    timeout = int(hook["HeartbeatTimeout"])
    if not _SHORTEST <= timeout <= _LONGEST:
        raise validation_error(f"HeartbeatTimeout must be between {_SHORTEST} and {_LONGEST} seconds, not {timeout}")
    if not hook.get("NotificationTargetARN"):
        hook.pop("NotificationTargetARN", None)
    elif not messages.target_exists(hook["NotificationTargetARN"]):
        raise validation_error(
            f"Unable to publish test message to notification target {hook['NotificationTargetARN']}. Please check your"
            " target and role configuration and try to put lifecycle hook again."
        )
    hook["GlobalTimeout"] = min(_LIMIT, 100 * timeout)
    return hook


def begin(cloud: Cloud, group: Group, member: Member, transition: str, ends: tuple[str, str]) -> bool:
    """Opens an action for each hook of `transition` and tells its target; False when there is no such hook.

    `ends` is where the member comes from and goes to, in the words of the notification.
    """
    member.actions = {
        name: LifecycleAction(hook=hook, token=str(uuid4()))
        for name, hook in group.hooks.items()
        if hook["LifecycleTransition"] == transition
    }
    for action in member.actions.values():
        action.last = action.began + timedelta(seconds=_scaled(cloud, action.hook["GlobalTimeout"]))
        heartbeat(cloud, action)
        _tell(cloud, group, member, action, ends)
    return bool(member.actions)


def heartbeat(cloud: Cloud, action: LifecycleAction) -> None:
    """The action may take its hook's whole time-out again, but never longer than the global one."""
    wanted = now() + timedelta(seconds=_scaled(cloud, action.hook["HeartbeatTimeout"]))
    action.deadline = min(wanted, action.last)


def outcome(member: Member) -> str:
    """CONTINUE, ABANDON, or empty while an action is still open. Actions whose time is over get their default."""
    for action in member.actions.values():
        if not action.result and now() >= action.deadline:
            action.result, action.because = action.hook["DefaultResult"], "Heartbeat Timeout"
    results = [action.result for action in member.actions.values()]
    if ABANDON in results:
        return ABANDON
    return CONTINUE if all(results) else ""


def wait_left(member: Member) -> float:
    """Seconds until the next open action's time is over."""
    ends = [action.deadline for action in member.actions.values() if not action.result]
    return max(0.0, (min(ends) - now()).total_seconds()) if ends else 0.0


def abandoned(member: Member) -> str:
    """Why a launch was given up, as its activity says it."""
    action = next(one for one in member.actions.values() if one.result == ABANDON)
    return (
        "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token"
        f" {action.token} was abandoned: {action.because}"
    )


def _scaled(cloud: Cloud, seconds: float) -> float:
    return seconds / cloud.options.scaling_divisor


def _tell(cloud: Cloud, group: Group, member: Member, action: LifecycleAction, ends: tuple[str, str]) -> None:
    hook = action.hook
    detail = {
        "LifecycleActionToken": action.token,
        "AutoScalingGroupName": group.name,
        "LifecycleHookName": hook["LifecycleHookName"],
        "EC2InstanceId": member.id,
        "LifecycleTransition": hook["LifecycleTransition"],
        "Origin": ends[0],
        "Destination": ends[1],
    }
    if hook.get("NotificationMetadata"):
        detail["NotificationMetadata"] = hook["NotificationMetadata"]
    target = hook.get("NotificationTargetARN")
    if target:
        subject = f"Auto Scaling: Lifecycle action '{_word(hook)}' for instance {member.id} in progress."
        messages.send(cloud, target, subject, {**heading(group), **detail})
    kind = _EVENTS[hook["LifecycleTransition"]]
    messages.emit(cloud, group.account, group.region, kind, [group.arn], detail, source="aws.autoscaling")


def _word(hook: Mapping[str, Any]) -> str:
    return "LAUNCHING" if hook["LifecycleTransition"] == LAUNCHING else "TERMINATING"
