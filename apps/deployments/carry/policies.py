"""Scaling policies, with the alarms that trigger them, as the next group gets them.

AWS makes the alarms of target tracking itself; they are never copied. Those of step and simple policies are somebody's
own, and each is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.cloud.values import AlarmState, Described
from apps.deployments.carry.rewrite import derived_name, plain, renamed
from apps.deployments.carry.tables import ALARM, POLICY
from apps.deployments.errors import Finding, overridable

SHARED_ALARM = overridable("shared-alarm")

ACTIONS = ("AlarmActions", "InsufficientDataActions", "OKActions")
AWS_OWN = "TargetTracking-"  # how the names of alarms begin that AWS makes for target tracking
WITH_ALARMS = frozenset({"SimpleScaling", "StepScaling"})

Alarms = Mapping[str, AlarmState]


def alarm_names(policies: tuple[Described, ...]) -> tuple[str, ...]:
    """The names of the alarms that a group's step and simple policies are triggered by."""
    return tuple(
        sorted(
            {
                alarm["AlarmName"]
                for policy in policies
                if _kind(policy) in WITH_ALARMS
                for alarm in policy.get("Alarms") or ()
                if not alarm["AlarmName"].startswith(AWS_OWN)
            }
        )
    )


def policies(described: tuple[Described, ...], old: str, new: str) -> list[dict[str, Any]]:
    """The parameters of PutScalingPolicy for each policy."""
    return [_policy(policy, old, new) for policy in described]


def alarms(described: tuple[Described, ...], known: Alarms, old: str, new: str) -> list[dict[str, Any]]:
    """The parameters of PutMetricAlarm for each alarm; its actions still name the policies of group `old`."""
    return [_alarm(known[name].raw, old, new) for name in alarm_names(described) if name in known]


def arns(described: tuple[Described, ...]) -> dict[str, str]:
    """The policies' names by their ARNs: what an alarm's actions name."""
    return {policy["PolicyARN"]: policy["PolicyName"] for policy in described if policy.get("PolicyARN")}


def findings(described: tuple[Described, ...], known: Alarms, group: str) -> Iterator[Finding]:
    """What speaks against carrying these policies and their alarms, or should be known before."""
    for policy in described:
        yield from POLICY.findings(policy, f"The scaling policy {policy['PolicyName']} of {group}")
    own = set(arns(described))
    for name in alarm_names(described):
        if name not in known:
            text = f"The alarm {name}, which triggers a scaling policy of {group}, does not exist; it is not carried."
            yield Finding("warn", "no-alarm", text, name)
            continue
        yield from ALARM.findings(known[name].raw, f"The alarm {name} of {group}")
        foreign = sorted(
            action for action in _actions(known[name].raw) if ":scalingPolicy:" in action and action not in own
        )
        if foreign:
            text = f"The alarm {name} also triggers {', '.join(foreign)}, which its copy would trigger once more. "
            text += "Give each policy an alarm of its own."
            yield Finding("refuse", SHARED_ALARM, text, name)


def _policy(described: Described, old: str, new: str) -> dict[str, Any]:
    payload = POLICY.payload(described)
    if "MinAdjustmentMagnitude" in payload:
        payload.pop("MinAdjustmentStep", None)  # its older name; AWS refuses both
    made: dict[str, Any] = plain(renamed(payload, old, new))
    return made


def _alarm(described: Described, old: str, new: str) -> dict[str, Any]:
    made: dict[str, Any] = plain(renamed(ALARM.payload(described), old, new))
    return {**made, "AlarmName": derived_name(described["AlarmName"], old, new)}


def _actions(described: Described) -> set[str]:
    return {action for member in ACTIONS for action in described.get(member) or ()}


def _kind(policy: Described) -> str:
    return str(policy.get("PolicyType") or "SimpleScaling")
