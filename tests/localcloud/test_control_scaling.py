"""Scaling by metrics of AWS's own, which a cloud without traffic takes from whoever puts them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.localcloud import launch
from tests.cloud_fixture import new_place
from tests.contract.stack import Embedded


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """On a cloud whose minutes take a fifth of a second."""
    folder = Path(tmp_path_factory.mktemp("scaling"))
    running = launch.start(folder / "cloud", lite=True, scaling_divisor=300, put_aws_metrics=True)
    made = Embedded(new_place(running), folder)
    try:
        yield made
        made.clean_up()
    finally:
        running.stop()


def _track(stack: Embedded, group: str, target: float, **metric: str) -> None:
    stack.asg.put_scaling_policy(
        AutoScalingGroupName=group,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        EstimatedInstanceWarmup=0,
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": target},
    )


def _put(stack: Embedded, namespace: str, name: str, value: float, **where: str) -> None:
    dimensions = [{"Name": one, "Value": told} for one, told in where.items()]
    unit = "Percent" if name == "CPUUtilization" else "Count"
    datum = {"MetricName": name, "Value": value, "Dimensions": dimensions, "Unit": unit}
    stack.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


def _desired(stack: Embedded, group: str) -> int:
    return int(stack.described(group)["DesiredCapacity"])


def test_a_group_follows_its_cpu(stack: Embedded) -> None:
    group = stack.group(stack.template(), 1, MinSize=1)
    stack.in_service(group, 1)
    _track(stack, group, 50.0, PredefinedMetricType="ASGAverageCPUUtilization")

    def fed(value: float, desired: int) -> bool:
        _put(stack, "AWS/EC2", "CPUUtilization", value, AutoScalingGroupName=group)
        return _desired(stack, group) == desired

    stack.eventually(lambda: fed(90.0, 2), "two instances")
    stack.in_service(group, 2)
    stack.eventually(lambda: fed(10.0, 1), "one instance again")


def test_a_group_follows_the_requests_per_target_down_to_nobody_asking(stack: Embedded) -> None:
    arn, balancer = stack.target_group(delay=0), stack.balancer()
    stack.listener(arn, balancer=balancer)
    group = stack.group(stack.template(), 1, MinSize=1, TargetGroupARNs=[arn])
    stack.in_service(group, 1)
    where = {"LoadBalancer": balancer["LoadBalancerArn"].split(":loadbalancer/")[1], "TargetGroup": arn.split(":")[-1]}
    label = "/".join(where.values())
    _track(stack, group, 1000.0, PredefinedMetricType="ALBRequestCountPerTarget", ResourceLabel=label)

    def fed() -> bool:
        _put(stack, "AWS/ApplicationELB", "RequestCountPerTarget", 400.0, **where)
        return _desired(stack, group) > 1

    stack.eventually(fed, "more instances")
    stack.eventually(lambda: _desired(stack, group) == 1, "one instance again")


def test_metrics_of_a_group_are_put_while_they_are_collected(stack: Embedded) -> None:
    group = stack.group(stack.template(), 1)
    stack.asg.enable_metrics_collection(
        AutoScalingGroupName=group, Granularity="1Minute", Metrics=["GroupInServiceInstances"]
    )
    where = [{"Name": "AutoScalingGroupName", "Value": group}]

    def listed() -> list[dict[str, Any]]:
        told = stack.client("cloudwatch").list_metrics(Namespace="AWS/AutoScaling", Dimensions=where)
        return list(told["Metrics"])

    stack.eventually(listed, "the metric")
    assert {one["MetricName"] for one in listed()} == {"GroupInServiceInstances"}
