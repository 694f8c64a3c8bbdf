"""Scaling policies: keeping a metric at a value, acting on an alarm, switching one on or off, deleting one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.cloud.values import Described, GroupState
from apps.deployments.carry.policies import alarm_names, policies
from apps.deployments.errors import Finding, Invalid
from apps.deployments.operations.base import Operation, cut, nothing, register, stands_by, where
from apps.deployments.operations.emptying import may_empty
from apps.deployments.operations.policy_words import policy_now
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

TRACKING, STEPS = "TargetTrackingScaling", "StepScaling"
PER_TARGET = "ALBRequestCountPerTarget"
STAYS = ("", "Leave as it is")
TRACKED = (
    ("ASGAverageCPUUtilization", "Average CPU, percent"),
    ("ASGAverageNetworkIn", "Average bytes received an instance"),
    ("ASGAverageNetworkOut", "Average bytes sent an instance"),
    (PER_TARGET, "Requests a minute and target of a load balancer"),
)
WATCHED = {  # the metrics of alarms: namespace, statistic
    "CPUUtilization": ("AWS/EC2", "Average"),
    "NetworkIn": ("AWS/EC2", "Average"),
    "NetworkOut": ("AWS/EC2", "Average"),
    "RequestCountPerTarget": ("AWS/ApplicationELB", "Sum"),
    "TargetResponseTime": ("AWS/ApplicationELB", "Average"),
    "HTTPCode_Target_5XX_Count": ("AWS/ApplicationELB", "Sum"),
}
ABOVE = "GreaterThanOrEqualToThreshold"
CHANGES = (
    ("ChangeInCapacity", "So many instances more or fewer"),
    ("PercentChangeInCapacity", "So many percent more or fewer"),
    ("ExactCapacity", "Exactly so many"),
)


def _policy() -> str:
    chosen: str = option("", "Scaling policy", "Its name.")
    return chosen


@dataclass(frozen=True)
class Track:
    """An empty one stays as it is; of a new policy it is AWS's default."""

    policy: str = _policy()
    metric: str = option("", "Metric", "What it keeps at a value.", choices=(STAYS, *TRACKED))
    target: float | None = option(None, "Target", "The value at which the metric is kept.", minimum=0.0001)
    scale_in: str = option(
        "", "Scale in", "Whether it also shrinks the group.", choices=(STAYS, ("yes", "Yes"), ("no", "No"))
    )
    warmup: int | None = option(
        None, "Warmup", "How long a new instance's metrics do not count.", minimum=0, maximum=86_400, unit="seconds"
    )


@dataclass(frozen=True)
class OnAlarm:
    """A step policy with one step, and the alarm that triggers it."""

    policy: str = _policy()
    metric: str = option("CPUUtilization", "Metric", "Of the alarm.", choices=tuple((name, name) for name in WATCHED))
    when: str = option(
        "above", "When", "On which side of the threshold.", choices=(("above", "Above"), ("below", "Below"))
    )
    threshold: float | None = option(None, "Threshold", "Of the metric, in its own unit.", minimum=0)
    minutes: int = option(3, "For", "How long it must be so.", minimum=1, maximum=1440, unit="minutes")
    change: str = option("ChangeInCapacity", "Change", "What it does.", choices=CHANGES)
    by: int | None = option(None, "By", "How many; fewer below zero, as -1.", minimum=-10_000, maximum=10_000)
    warmup: int | None = option(
        None, "Warmup", "How long a new instance does not count.", minimum=0, maximum=86_400, unit="seconds"
    )


@dataclass(frozen=True)
class Switch:
    policy: str = _policy()
    enabled: str = option("yes", "Switched on", choices=(("yes", "Yes"), ("no", "No")))


@dataclass(frozen=True)
class Named:
    policy: str = _policy()


def track(situation: Situation, group: GroupState, options: Track) -> Preview:
    """What is not named stays, of a policy that is there already."""
    name, now = _name(options), _of_kind(situation, group, options, TRACKING)
    tracked = dict((now or {}).get("TargetTrackingConfiguration", {}))
    if options.metric:
        tracked.pop("CustomizedMetricSpecification", None)
        tracked["PredefinedMetricSpecification"] = _metric(situation, group, options.metric)
    if options.target is not None:
        tracked["TargetValue"] = options.target
    if options.scale_in:
        tracked["DisableScaleIn"] = options.scale_in == "no"
    for field, member in (("metric", "PredefinedMetricSpecification"), ("target", "TargetValue")):
        if member not in tracked and not (field == "metric" and "CustomizedMetricSpecification" in tracked):
            raise Invalid({f"options.{field}": ["A new policy needs it."]})
    wanted = {**(now or {"PolicyName": name, "PolicyType": TRACKING}), "TargetTrackingConfiguration": tracked}
    if options.warmup is not None:
        wanted["EstimatedInstanceWarmup"] = options.warmup
    metric = tracked.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", "its own metric")
    shrinks = ", never shrinking it" if tracked.get("DisableScaleIn") else ""
    sentence = f"Have {name} of {group.name} keep {metric} at {tracked['TargetValue']:g}{shrinks}"
    return _preview(situation, group, name, now, wanted, sentence)


def on_alarm(situation: Situation, group: GroupState, options: OnAlarm) -> Preview:
    """The alarm is the policy's own, and goes with the group."""
    name, now = _name(options), _of_kind(situation, group, options, STEPS)
    for field in ("threshold", "by"):
        if getattr(options, field) is None:
            raise Invalid({f"options.{field}": ["Say how much."]})
    above = options.when == "above"
    step = {"MetricIntervalLowerBound" if above else "MetricIntervalUpperBound": 0.0, "ScalingAdjustment": options.by}
    wanted = {
        **(now or {}),
        "PolicyName": name,
        "PolicyType": STEPS,
        "AdjustmentType": options.change,
        "StepAdjustments": [step],
    }
    if options.warmup is not None:
        wanted["EstimatedInstanceWarmup"] = options.warmup
    side = "at or above" if above else "at or below"
    left = alarm_names(tuple(each for each in situation.extras.scaling_policies if each["PolicyName"] == name))
    when = f"{options.metric} is {side} {options.threshold:g} for {options.minutes} min"
    sentence = f"Have {name} of {group.name} change it by {options.by:+d} ({options.change}) when {when}"
    alarm = _alarm(situation, group, options)
    preview = _preview(situation, group, name, now, wanted, sentence, alarm)
    others = [each for each in left if each != alarm["AlarmName"]]
    text = f"{', '.join(others)} triggers {name} too, and goes on to."
    more = (Finding("warn", "other-alarms", text, others[0]),) if others else ()
    return replace(preview, findings=(*preview.findings, *more))


def switch(situation: Situation, group: GroupState, options: Switch) -> Preview:
    """Switched off, it stays, and does nothing."""
    name, now = _name(options), _existing(situation, group, options)
    wanted = {**now, "Enabled": options.enabled == "yes"}
    sentence = f"Switch {name} of {group.name} {'on' if wanted['Enabled'] else 'off'}"
    return _preview(situation, group, name, {"Enabled": True, **now}, wanted, sentence)


def delete(situation: Situation, group: GroupState, options: Named) -> Preview:
    """AWS deletes the alarms that it made for it; others stay, and trigger nothing more by it."""
    name = _name(options)
    _existing(situation, group, options)
    found = next(each for each in situation.extras.scaling_policies if each["PolicyName"] == name)
    sentence = f"Delete the scaling policy {name} of {group.name}"
    step = _step(situation, group, name, None, sentence, (f"DeletePolicy: {name} of {group.name}",))
    left = alarm_names((found,))
    text = f"The alarm {', '.join(left)} stays, and no longer changes {group.name}."
    findings = (Finding("note", "alarm-stays", text, left[0]),) if left else ()
    return Preview(sentence, (step,), findings, from_group=group.name)


def _preview(
    situation: Situation,
    group: GroupState,
    name: str,
    now: Mapping[str, Any] | None,
    wanted: Mapping[str, Any],
    sentence: str,
    alarm: Mapping[str, Any] | None = None,
) -> Preview:
    same = wanted == now and alarm is None
    changes = [f"PutScalingPolicy: {name} of {group.name}"]
    changes += [f"PutMetricAlarm: {alarm['AlarmName']}"] if alarm else []
    step = _step(situation, group, name, wanted, sentence, tuple(changes), alarm)
    told = (nothing(group, f"has {name} so"),) if same else tuple(may_empty(situation, group, wanted))
    findings = (*stands_by(situation, group), *told)
    return Preview(sentence, () if same else (step,), findings, from_group=group.name)


def _step(
    situation: Situation,
    group: GroupState,
    name: str,
    wanted: Mapping[str, Any] | None,
    title: str,
    changes: tuple[str, ...],
    alarm: Mapping[str, Any] | None = None,
) -> PlannedStep:
    params = {**where(situation, group), "name": name, "wanted": dict(wanted) if wanted else None}
    return PlannedStep("set-policy", cut(title), {**params, "alarm": alarm}, changes, expected_seconds=1)


def _name(options: Any) -> str:
    """Raises Invalid where none is named."""
    name: str = options.policy.strip()
    if not name:
        raise Invalid({"options.policy": ["Name the scaling policy."]})
    return name


def _known(situation: Situation, group: GroupState, options: Any) -> dict[str, Any] | None:
    """The policy of this name, as it would be put now."""
    found = [each for each in situation.extras.scaling_policies if each["PolicyName"] == options.policy.strip()]
    return policies((found[0],), group.name, group.name)[0] if found else None


def _existing(situation: Situation, group: GroupState, options: Any) -> dict[str, Any]:
    """The same. Raises Invalid where there is none."""
    now = _known(situation, group, options)
    if now is None:
        names = ", ".join(sorted(each["PolicyName"] for each in situation.extras.scaling_policies)) or "none"
        text = f"{group.name} has no scaling policy {options.policy.strip()}; it has {names}."
        raise Invalid({"options.policy": [text]})
    return now


def _of_kind(situation: Situation, group: GroupState, options: Any, kind: str) -> dict[str, Any] | None:
    """The same, None where there is none. Raises Invalid where it is of another kind."""
    now = _known(situation, group, options)
    if now and now.get("PolicyType", "SimpleScaling") != kind:
        text = (
            f"{options.policy} is a policy of another kind, {now.get('PolicyType', 'SimpleScaling')}: delete it first."
        )
        raise Invalid({"options.policy": [text]})
    return now


def _metric(situation: Situation, group: GroupState, metric: str) -> Described:
    if metric != PER_TARGET:
        return {"PredefinedMetricType": metric}
    balancer, target_group = _balanced(situation, group)
    return {"PredefinedMetricType": metric, "ResourceLabel": f"{balancer}/{target_group}"}


def _balanced(situation: Situation, group: GroupState) -> tuple[str, str]:
    """The load balancer and the target group, as CloudWatch calls them: app/NAME/ID and targetgroup/NAME/ID.

    Raises Invalid where no application load balancer sends the group requests.
    """
    for arn in group.target_groups:
        known = situation.target_groups.get(arn)
        for balancer in known.load_balancers if known else ():
            if "loadbalancer/app/" in balancer:
                return balancer.rpartition("loadbalancer/")[2], arn.rpartition(":")[2]
    text = f"No application load balancer sends {group.name} requests: choose a metric of its instances."
    raise Invalid({"options.metric": [text]})


def _alarm(situation: Situation, group: GroupState, options: OnAlarm) -> dict[str, Any]:
    namespace, statistic = WATCHED[options.metric]
    above = options.when == "above"
    return {
        "AlarmName": f"{group.name}-{options.policy.strip()}",
        "Namespace": namespace,
        "MetricName": options.metric,
        "Dimensions": list(_dimensions(situation, group, namespace)),
        "Statistic": statistic,
        "Period": 60,
        "EvaluationPeriods": options.minutes,
        "Threshold": options.threshold,
        "ComparisonOperator": ABOVE if above else ABOVE.replace("Greater", "Less"),
    }


def _dimensions(situation: Situation, group: GroupState, namespace: str) -> Iterator[dict[str, str]]:
    if namespace == "AWS/EC2":
        yield {"Name": "AutoScalingGroupName", "Value": group.name}
        return
    balancer, target_group = _balanced(situation, group)
    yield {"Name": "LoadBalancer", "Value": balancer}
    yield {"Name": "TargetGroup", "Value": target_group}


for _slug, _title, _summary, _options, _plan, _makes in (
    ("track-metric", "Keep a metric at a value", "A policy; AWS makes its alarms.", Track, track, TRACKING),
    ("scale-on-alarm", "Scale on an alarm", "A policy, and the alarm that triggers it.", OnAlarm, on_alarm, STEPS),
    ("switch-policy", "Switch a scaling policy", "On or off; it stays.", Switch, switch, ""),
    ("delete-policy", "Delete a scaling policy", "The group no longer scales by it.", Named, delete, ""),
):
    register(Operation(_slug, _title, _summary, _options, _plan, reads_extras=True, makes=_makes, current=policy_now))
