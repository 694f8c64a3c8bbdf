"""Suspending and resuming what a group does by itself, and the group metrics that are switched on."""

from __future__ import annotations

from apps.localcloud.autoscaling.activities import stamp
from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.model import PROCESSES, groups
from apps.localcloud.errors import validation_error
from apps.localcloud.operations import Call, Result, operation

_METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)


def _processes(call: Call) -> list[str]:
    wanted = list(call.params.get("ScalingProcesses") or PROCESSES)
    wrong = [one for one in wanted if one not in PROCESSES]
    if wrong:
        raise validation_error(f"Invalid process type: {wrong[0]}")
    return wanted


@operation("autoscaling", "SuspendProcesses")
def suspend(call: Call) -> Result:
    """Those named, or all."""
    group = groups(call.cloud, call.account, call.region).changeable(call.params["AutoScalingGroupName"])
    for process in _processes(call):
        group.suspended.setdefault(process, f"User suspended at {stamp()}")
    return None


@operation("autoscaling", "ResumeProcesses")
def resume(call: Call) -> Result:
    """Those named, or all; what was held back is done now."""
    group = groups(call.cloud, call.account, call.region).changeable(call.params["AutoScalingGroupName"])
    for process in _processes(call):
        group.suspended.pop(process, None)
    touch(call.cloud, group)
    return None


@operation("autoscaling", "DescribeScalingProcessTypes")
def describe_process_types(call: Call) -> Result:
    """All that can be suspended."""
    return {"Processes": [{"ProcessName": name} for name in PROCESSES]}


@operation("autoscaling", "EnableMetricsCollection")
def enable_metrics(call: Call) -> Result:
    """Those named, or all; they are put to CloudWatch each minute."""
    group = groups(call.cloud, call.account, call.region).changeable(call.params["AutoScalingGroupName"])
    wrong = [one for one in call.params.get("Metrics") or [] if one not in _METRICS]
    if wrong:
        raise validation_error(f"Invalid metric type: {wrong[0]}")
    if call.params["Granularity"] != "1Minute":
        raise validation_error(f"Invalid granularity: {call.params['Granularity']}")
    group.metrics |= set(call.params.get("Metrics") or _METRICS)
    return None


@operation("autoscaling", "DisableMetricsCollection")
def disable_metrics(call: Call) -> Result:
    """Those named, or all."""
    group = groups(call.cloud, call.account, call.region).changeable(call.params["AutoScalingGroupName"])
    group.metrics -= set(call.params.get("Metrics") or group.metrics)
    return None


@operation("autoscaling", "DescribeMetricCollectionTypes")
def describe_metric_collection_types(call: Call) -> Result:
    """What EnableMetricsCollection takes."""
    return {"Metrics": [{"Metric": name} for name in _METRICS], "Granularities": [{"Granularity": "1Minute"}]}
