"""What AWS tells of one group beyond its rows, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps.accounts.models import User
from apps.cloud.errors import CloudError
from apps.cloud.values import Activity, AlarmState, Described, LaunchTemplateVersion
from apps.console.build.operations import making, on_part
from apps.console.pages.common import Action, State
from apps.console.pages.group import ActivityLine, Detail, DetailList, DetailsPage
from apps.inventory.models import Group
from apps.inventory.services.details import group_details
from apps.inventory.services.template_versions import HIDDEN

ALARMS = {"OK": State("serve", "OK"), "ALARM": State("fail", "in alarm")}
ACTIVITIES = {"Successful": "serve", "Failed": "fail", "Cancelled": "rest"}


def details_page(group: Group, user: User) -> DetailsPage:
    """Reads AWS; what it does not answer is said, and hides nothing else of the page."""
    try:
        found = group_details(group)
    except CloudError as error:
        return DetailsPage(problem=f"AWS did not tell the rest: {error}")
    extras = found.extras
    return DetailsPage(
        read_at=found.read_at,
        lists=(
            DetailList(
                "Scaling policies",
                "No policy scales this group.",
                tuple(_policies(group, user, extras.scaling_policies)),
                _open(making(group, "policy", user)),
            ),
            DetailList("Alarms of the policies", "No alarm triggers a policy.", tuple(map(_alarm, found.alarms))),
            DetailList(
                "Scheduled actions",
                "Nothing is scheduled.",
                tuple(_schedule(group, user, each) for each in extras.scheduled_actions),
                _open(making(group, "schedule", user)),
            ),
            DetailList("Lifecycle hooks", "No hook waits.", tuple(map(_hook, extras.lifecycle_hooks))),
            DetailList("Notifications", "Nobody is notified by Auto Scaling.", _notices(extras.notifications)),
            DetailList("Launches", "Its launch template version cannot be read.", _launches(found.launches)),
        ),
        activities=tuple(map(_activity, found.activities)),
    )


_OFF = State("rest", "switched off")


def _open(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(each for each in actions if not each.blocked)


def _policies(group: Group, user: User, policies: Iterable[Described]) -> Iterator[Detail]:
    for policy in policies:
        name, kind = policy["PolicyName"], policy.get("PolicyType", "SimpleScaling")
        offered = _open(on_part(group, "policy", name, kind, user))
        yield Detail(name, tuple(_policy(policy)), None if policy.get("Enabled", True) else _OFF, offered)


def _policy(policy: Described) -> Iterator[str]:
    kind = policy.get("PolicyType", "SimpleScaling")
    if kind == "TargetTrackingScaling":
        tracked = policy["TargetTrackingConfiguration"]
        metric = tracked.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", "a metric of its own")
        yield f"Target tracking: keeps {metric} at {as_text(tracked['TargetValue'])}."
        if tracked.get("DisableScaleIn"):
            yield "It never shrinks the group."
    elif kind == "StepScaling":
        steps = ", ".join(map(_step, policy.get("StepAdjustments", ())))
        yield f"Step scaling, {policy.get('AdjustmentType', '')}: {steps}."
    elif kind == "PredictiveScaling":
        yield "Predictive scaling."
    else:
        yield f"Simple scaling, {policy.get('AdjustmentType', '')}: {policy.get('ScalingAdjustment', 0):+d}."
    alarms = [alarm["AlarmName"] for alarm in policy.get("Alarms", ())]
    if alarms:
        yield f"Triggered by {', '.join(alarms)}."


def _step(step: Described) -> str:
    bounds = (("from", "MetricIntervalLowerBound"), ("below", "MetricIntervalUpperBound"))
    words = [f"{word} {as_text(step[member])}" for word, member in bounds if step.get(member) is not None]
    return " ".join([f"{step['ScalingAdjustment']:+d}", *words])


def _alarm(alarm: AlarmState) -> Detail:
    raw = alarm.raw
    words = [alarm.reason] if alarm.reason else []
    if raw.get("MetricName"):
        statistic, than = raw.get("Statistic") or raw.get("ExtendedStatistic", ""), raw.get("ComparisonOperator", "")
        rule = f"{statistic} {raw['MetricName']} {than} {as_text(raw.get('Threshold', 0))}"
        words.insert(0, f"{rule}, {raw.get('EvaluationPeriods', 1)} × {raw.get('Period', 60)} s.")
    return Detail(alarm.name, tuple(words), ALARMS.get(alarm.state, State("wait", "no data yet")))


def _schedule(group: Group, user: User, action: Described) -> Detail:
    sizes = [
        f"{name} {action[member]}"
        for name, member in (("min", "MinSize"), ("desired", "DesiredCapacity"), ("max", "MaxSize"))
        if action.get(member) is not None
    ]
    when = f"cron {action['Recurrence']}" if action.get("Recurrence") else "once"
    zone = action.get("TimeZone") or "UTC"
    words = [f"Sets {', '.join(sizes)}: {when}, {zone}."]
    ends = (("From", "StartTime"), ("Until", "EndTime"))
    words += [f"{name} {action[member]}" for name, member in ends if action.get(member)]
    name = action["ScheduledActionName"]
    offered = _open(on_part(group, "schedule", name, "ScheduledUpdateGroupAction", user))
    return Detail(name, tuple(words), actions=offered)


def _hook(hook: Described) -> Detail:
    at = "starts" if hook["LifecycleTransition"].endswith("LAUNCHING") else "is ended"
    wait, then = hook.get("HeartbeatTimeout", 3600), hook.get("DefaultResult", "ABANDON")
    return Detail(hook["LifecycleHookName"], (f"When an instance {at}: waits up to {wait} s, then {then}.",))


def _notices(notices: Iterable[Described]) -> tuple[Detail, ...]:
    by_topic: dict[str, list[str]] = {}
    for notice in notices:
        by_topic.setdefault(notice["TopicARN"], []).append(notice["NotificationType"].rpartition(":")[2])
    return tuple(Detail(topic, (", ".join(sorted(types)),)) for topic, types in sorted(by_topic.items()))


def _launches(version: LaunchTemplateVersion | None) -> tuple[Detail, ...]:
    if version is None:
        return ()
    data: Mapping[str, Any] = {key: value for key, value in version.data.items() if key != HIDDEN}
    words = [f"{key}: {as_text(value)}" for key, value in sorted(data.items())]
    if version.user_data:
        words.append(f"User data: {len(version.user_data.encode())} bytes.")
    return (Detail(f"{version.name}, version {version.version}", tuple(words)),)


def as_text(value: object) -> str:
    """A member of AWS's answer as people read it: text, also in lists, and numbers as they are, the rest as JSON."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _activity(activity: Activity) -> ActivityLine:
    seconds = (activity.ended_at - activity.started_at).total_seconds() if activity.ended_at else None
    text = " ".join(filter(None, [f"{activity.description.rstrip('.')}.", activity.status_message]))
    state = State(ACTIVITIES.get(activity.status, "move"), activity.status)
    return ActivityLine(activity.started_at, state, text, activity.cause, seconds)
