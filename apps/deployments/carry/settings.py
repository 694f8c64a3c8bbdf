"""Hooks, notifications, metrics, scheduled actions, warm pool and suspended processes, as the next group gets them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.cloud.values import Described, GroupExtras, GroupState
from apps.deployments.carry.rewrite import plain
from apps.deployments.carry.tables import HOOK, METRIC, NOTIFICATION, SCHEDULE, WARM_POOL
from apps.deployments.errors import Finding, overridable

CANNOT_RETURN = overridable("cannot-return")

# what makes a group scale by itself; whatever else is suspended a push needs, until the new group serves
BY_ITSELF = ("AZRebalance", "AlarmNotification", "InstanceRefresh", "ScheduledActions")


def hooks(extras: GroupExtras) -> list[dict[str, Any]]:
    """LifecycleHookSpecificationList of CreateAutoScalingGroup."""
    return [plain(HOOK.payload(hook)) for hook in extras.lifecycle_hooks]


def notifications(extras: GroupExtras) -> dict[str, list[str]]:
    """Types of events by the topic they are told to."""
    found: dict[str, list[str]] = {}
    for each in extras.notifications:
        found.setdefault(each["TopicARN"], []).append(each["NotificationType"])
    return {topic: sorted(types) for topic, types in sorted(found.items())}


def metrics(group: GroupState) -> dict[str, list[str]]:
    """Enabled group metrics by their granularity."""
    found: dict[str, list[str]] = {}
    for each in group.raw.get("EnabledMetrics") or ():
        found.setdefault(each.get("Granularity") or "1Minute", []).append(each["Metric"])
    return {granularity: sorted(names) for granularity, names in sorted(found.items())}


def schedules(extras: GroupExtras) -> list[dict[str, Any]]:
    """The parameters of PutScheduledUpdateGroupAction for each scheduled action."""
    return [plain(SCHEDULE.payload(action)) for action in extras.scheduled_actions]


def warm_pool(group: GroupState) -> dict[str, Any]:
    """The parameters of PutWarmPool; empty where the group has no warm pool, or it is being deleted."""
    described: Described = group.raw.get("WarmPoolConfiguration") or {}
    return {} if described.get("Status") == "PendingDelete" else plain(WARM_POOL.payload(described))


def suspended(group: GroupState) -> tuple[list[str], list[str]]:
    """The suspended processes that the next group gets (at once, only once it serves)."""
    names = sorted(group.suspended)
    return [name for name in names if name in BY_ITSELF], [name for name in names if name not in BY_ITSELF]


def protection(group: GroupState) -> str:
    """The group's protection from deletion; empty where it has none."""
    value = group.raw.get("DeletionProtection") or ""
    return "" if value == "none" else str(value)


def findings(group: GroupState, extras: GroupExtras) -> Iterator[Finding]:
    """What speaks against carrying these, or should be known before."""
    for hook in extras.lifecycle_hooks:
        yield from HOOK.findings(hook, f"The lifecycle hook {hook['LifecycleHookName']} of {group.name}")
    for action in extras.scheduled_actions:
        yield from SCHEDULE.findings(action, f"The scheduled action {action['ScheduledActionName']} of {group.name}")
    for told in extras.notifications:
        yield from NOTIFICATION.findings(told, f"The notification of {told['TopicARN']} by {group.name}")
    yield from WARM_POOL.findings(group.raw.get("WarmPoolConfiguration") or {}, f"The warm pool of {group.name}")
    for metric in group.raw.get("EnabledMetrics") or ():
        yield from METRIC.findings(metric, f"The metric {metric['Metric']} of {group.name}")
    yield from _suspended_findings(group)


def _suspended_findings(group: GroupState) -> Iterator[Finding]:
    _, later = suspended(group)
    if later:
        names = ", ".join(later)
        text = f"{names} of {group.name} is suspended; the next group runs it until it serves, then it is suspended."
        yield Finding("note", "suspended-processes", text, "SuspendedProcesses")
    if "Launch" in later:
        text = (
            f"Launch of {group.name} is suspended: should a push be undone, it could not start an instance. Resume it."
        )
        yield Finding("warn", "launch-suspended", text, "SuspendedProcesses")
    if "AddToLoadBalancer" in later:
        text = (
            f"AddToLoadBalancer of {group.name} is suspended: once out of its target groups, its instances would not "
            "come back into them. Resume it first."
        )
        yield Finding("refuse", CANNOT_RETURN, text, "SuspendedProcesses")
