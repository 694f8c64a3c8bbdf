"""A whole red/black deployment with plain boto3, under traffic, and what the load balancer counted of it."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import cloud, new_place
from tests.contract.stack import Embedded

__all__ = ["cloud"]


class Clients:
    """Keep-alive clients that ask for `/` until stopped and note every answer."""

    def __init__(self, address: str, count: int = 3) -> None:
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._stopping = threading.Event()
        self._address = address
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self._address, 8000, timeout=10)
        while not self._stopping.wait(0.01):
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                body = response.read().decode()
            except OSError as error:
                self.failures.append(repr(error))
                connection.close()
                continue
            if response.status != 200:
                self.failures.append(f"{response.status} {body}")
            self.answers[body] += 1
        connection.close()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(15)


def _wait_for(clients: Clients, version: str, count: int = 20) -> None:
    deadline = time.monotonic() + 15
    while clients.answers[version] < count:
        assert time.monotonic() < deadline, f"{version} is not served: {clients.answers}"
        time.sleep(0.02)


def test_a_push_and_a_rollback_fail_no_request(cloud: RunningCloud, tmp_path: Path) -> None:
    stack = Embedded(new_place(cloud), tmp_path)
    clients: Clients | None = None
    try:
        arn, balancer = stack.target_group(delay=2), stack.balancer()
        stack.listener(arn, balancer=balancer)
        template = stack.template("old")
        old = stack.group(template, 2, TargetGroupARNs=[arn], HealthCheckType="ELB")
        stack.healthy(arn, 2)
        clients = Clients(balancer["DNSName"])
        _wait_for(clients, "old")

        stack.ec2.create_launch_template_version(
            LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData=stack.launch_data("new"), ClientToken="t"
        )
        pinned = {"LaunchTemplateId": template, "Version": "2"}
        new = stack.group(template, 0, LaunchTemplate=pinned, TargetGroupARNs=[arn], HealthCheckType="ELB")
        stack.asg.update_auto_scaling_group(AutoScalingGroupName=new, MinSize=3, DesiredCapacity=3)
        stack.healthy(arn, 5)
        stack.asg.suspend_processes(AutoScalingGroupName=old, ScalingProcesses=["AlarmNotification", "AZRebalance"])
        stack.asg.detach_load_balancer_target_groups(AutoScalingGroupName=old, TargetGroupARNs=[arn])
        stack.healthy(arn, 3)
        clients.answers.clear()
        _wait_for(clients, "new")
        assert "old" not in clients.answers

        stack.asg.attach_load_balancer_target_groups(AutoScalingGroupName=old, TargetGroupARNs=[arn])
        stack.healthy(arn, 5)
        stack.asg.detach_load_balancer_target_groups(AutoScalingGroupName=new, TargetGroupARNs=[arn])
        stack.healthy(arn, 2)
        stack.asg.delete_auto_scaling_group(AutoScalingGroupName=new, ForceDelete=True)
        stack.eventually(lambda: not stack.described(new), "the group's end")
        clients.answers.clear()
        _wait_for(clients, "old")
        clients.stop()
        assert clients.failures == []
        assert "new" not in clients.answers
        _check_metrics(stack, balancer["LoadBalancerArn"], arn)
    finally:
        if clients is not None:
            clients.stop()
        stack.clean_up()


def _check_metrics(stack: Embedded, balancer: str, target_group: str) -> None:
    of_balancer = {"Name": "LoadBalancer", "Value": balancer.split("loadbalancer/")[1]}
    of_targets = {"Name": "TargetGroup", "Value": target_group.rsplit(":", 1)[1]}

    def read(name: str, statistic: str, *where: dict[str, str]) -> float:
        told = stack.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName=name,
            Dimensions=[of_balancer, *where],
            StartTime=datetime.now(UTC) - timedelta(minutes=10),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=[statistic],
        )
        return float(sum(one[statistic] for one in told["Datapoints"]))

    stack.eventually(lambda: read("RequestCount", "Sum") > 60, "the request count")
    assert read("HTTPCode_ELB_5XX_Count", "Sum") == 0
    assert 0 < read("TargetResponseTime", "Average") < 5
    assert 0 < read("RequestCountPerTarget", "Sum", of_targets) < read("RequestCount", "Sum", of_targets)
