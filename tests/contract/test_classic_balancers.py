"""Classic load balancers: what is refused and described, whose health is told how, and where requests go."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented

PORT = 8000
HTTP = {"Protocol": "HTTP", "LoadBalancerPort": PORT, "InstanceProtocol": "HTTP", "InstancePort": 8080}


class _Classic:
    """One balancer, gone after the test."""

    def __init__(self, stack: Stack, *listeners: dict[str, Any], drains: int = 0) -> None:
        self.stack, self.elb, self.name = stack, stack.client("elb"), stack.name()
        made = self.elb.create_load_balancer(
            LoadBalancerName=self.name, Listeners=list(listeners) or [HTTP], Subnets=stack.subnets
        )
        self.address = made["DNSName"]
        self.check("HTTP:8080/health")
        if drains:
            wanted = {"ConnectionDraining": {"Enabled": True, "Timeout": drains}}
            self.elb.modify_load_balancer_attributes(LoadBalancerName=self.name, LoadBalancerAttributes=wanted)

    def check(self, target: str) -> None:
        wanted = {"Target": target, "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
        told = self.elb.configure_health_check(LoadBalancerName=self.name, HealthCheck=wanted)
        assert told["HealthCheck"] == wanted

    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = self.elb.describe_load_balancers(LoadBalancerNames=[self.name])[
            "LoadBalancerDescriptions"
        ][0]
        return found

    def states(self, *instances: str) -> dict[str, tuple[str, str]]:
        """State and description by instance."""
        named = {"Instances": [{"InstanceId": one} for one in instances]} if instances else {}
        told = self.elb.describe_instance_health(LoadBalancerName=self.name, **named)["InstanceStates"]
        return {one["InstanceId"]: (one["State"], one["Description"]) for one in told}

    def in_service(self, count: int) -> None:
        wanted = ["InService"] * count
        look = lambda: [state for state, _ in self.states().values()] == wanted  # noqa: E731
        self.stack.eventually(look, f"{count} in service")

    def get(self, path: str = "/") -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.address, PORT, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def delete(self) -> None:
        self.elb.delete_load_balancer(LoadBalancerName=self.name)


@pytest.fixture
def classic(stack: Stack) -> Any:
    made: list[_Classic] = []

    def make(*listeners: dict[str, Any], drains: int = 0) -> _Classic:
        made.append(_Classic(stack, *listeners, drains=drains))
        return made[-1]

    yield make
    for one in made:
        one.delete()


@pytest.mark.shape
def test_a_balancer_is_described_as_it_was_made(stack: Stack, classic: Any) -> None:
    """API reference, LoadBalancerDescription and LoadBalancerAttributes."""
    one = classic()
    told = one.described()
    assert told["ListenerDescriptions"] == [{"Listener": HTTP, "PolicyNames": []}]
    assert sorted(told["Subnets"]) == sorted(stack.subnets)
    assert (told["VPCId"], told["Instances"], told["Scheme"]) == (stack.vpc, [], "internet-facing")
    attributes = one.elb.describe_load_balancer_attributes(LoadBalancerName=one.name)["LoadBalancerAttributes"]
    assert attributes["ConnectionDraining"] == {"Enabled": False, "Timeout": 300}
    changed = {"ConnectionDraining": {"Enabled": True, "Timeout": 60}, "CrossZoneLoadBalancing": {"Enabled": True}}
    answer = one.elb.modify_load_balancer_attributes(LoadBalancerName=one.name, LoadBalancerAttributes=changed)
    assert answer["LoadBalancerAttributes"] == changed
    one.elb.add_tags(LoadBalancerNames=[one.name], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    one.elb.remove_tags(LoadBalancerNames=[one.name], Tags=[{"Key": "a"}])
    tags = one.elb.describe_tags(LoadBalancerNames=[one.name])["TagDescriptions"]
    assert tags == [{"LoadBalancerName": one.name, "Tags": [{"Key": "b", "Value": "2"}]}]


def test_what_cannot_be_is_refused(stack: Stack, classic: Any) -> None:
    """API reference: DuplicateLoadBalancerName, LoadBalancerNotFound, InvalidInstance, DuplicateListener."""
    one = classic()
    create = {"LoadBalancerName": one.name, "Subnets": stack.subnets}
    assert one.elb.create_load_balancer(**create, Listeners=[HTTP])["DNSName"] == one.address
    other = {**HTTP, "InstancePort": 9090}
    assert refused(one.elb.create_load_balancer, **create, Listeners=[other]) == "DuplicateLoadBalancerName"
    more = one.elb.create_load_balancer_listeners
    assert refused(more, LoadBalancerName=one.name, Listeners=[other]) == "DuplicateListener"
    assert refused(one.elb.describe_load_balancers, LoadBalancerNames=["none"]) == "LoadBalancerNotFound"
    register = one.elb.register_instances_with_load_balancer
    unknown = [{"InstanceId": "i-0123456789abcdef0"}]
    assert refused(register, LoadBalancerName=one.name, Instances=unknown) == "InvalidInstance"
    attach = stack.asg.attach_load_balancers
    group = stack.group(stack.template(), 0)
    assert refused(attach, AutoScalingGroupName=group, LoadBalancerNames=["none"]) == "ValidationError"
    one.elb.delete_load_balancer(LoadBalancerName="none")  # no error, says the reference


def test_an_instance_is_out_of_service_until_it_passed_its_checks_and_when_it_fails_them(
    stack: Stack, classic: Any
) -> None:
    """API reference, InstanceState: State, ReasonCode, Description."""
    one, name = classic(), stack.group(stack.template(), 1)
    instance = stack.in_service(name, 1)[0]["InstanceId"]
    assert one.states(instance)[instance] == (
        "OutOfService",
        "Instance is not currently registered with the LoadBalancer.",
    )
    assert one.get()[0] == 503
    one.elb.register_instances_with_load_balancer(LoadBalancerName=one.name, Instances=[{"InstanceId": instance}])
    assert one.states()[instance][0] == "OutOfService"
    one.in_service(1)
    assert one.get() == (200, "1")
    one.check("TCP:9")
    failing = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
    stack.eventually(lambda: one.states()[instance] == ("OutOfService", failing), "to fail")
    assert one.get()[0] == 503, "a classic load balancer does not fail open"
    one.check("TCP:8080")
    one.in_service(1)
    one.elb.deregister_instances_from_load_balancer(LoadBalancerName=one.name, Instances=[{"InstanceId": instance}])
    assert one.states() == {}


def test_an_attached_group_is_registered_and_leaves_without_a_failed_request(stack: Stack, classic: Any) -> None:
    """Auto Scaling guide, "Attach a Classic Load Balancer"; ELB guide, "Connection draining"."""
    one = classic(drains=5)
    old = stack.group(stack.template("old"), 2, LoadBalancerNames=[one.name], HealthCheckType="ELB")
    one.in_service(2)
    assert stack.described(old)["LoadBalancerNames"] == [one.name]
    new = stack.group(stack.template("new"), 2)
    stack.in_service(new, 2)
    answers: list[tuple[int, str]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(one.get())

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    try:
        stack.asg.attach_load_balancers(AutoScalingGroupName=new, LoadBalancerNames=[one.name])
        one.in_service(4)
        stack.asg.detach_load_balancers(AutoScalingGroupName=old, LoadBalancerNames=[one.name])
        look = stack.asg.describe_load_balancers
        stack.eventually(lambda: look(AutoScalingGroupName=old)["LoadBalancers"] == [], "the old one to be detached")
        one.in_service(2)
        count = len(answers)
        stack.eventually(lambda: len(answers) > count + 50, "more requests")
    finally:
        over.set()
        for thread in asking:
            thread.join()
    assert {status for status, _ in answers} == {200}
    assert {body for _, body in answers} == {"old", "new"}
    assert {body for _, body in answers[-30:]} == {"new"}
    told = look(AutoScalingGroupName=new)["LoadBalancers"]
    assert [state["State"] for state in told] == ["Added"], "without ELB health checks it stays Added"


def test_a_draining_instance_finishes_what_it_has_and_is_told_as_leaving(stack: Stack, classic: Any) -> None:
    """ELB guide, "Connection draining": in service until nothing is under way, or the time-out."""
    one = classic({**HTTP, "Protocol": "TCP", "InstanceProtocol": "TCP"}, drains=30)
    name = stack.group(stack.template(), 1, LoadBalancerNames=[one.name])
    one.in_service(1)
    (instance,) = one.states()
    with socket.create_connection((one.address, PORT), 10) as held:
        held.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")  # the rest comes later
        stack.asg.detach_load_balancers(AutoScalingGroupName=name, LoadBalancerNames=[one.name])
        assert one.states()[instance] == ("InService", "Instance deregistration currently in progress.")
        time.sleep(1)
        assert instance in one.states(), "a connection is open"
        held.sendall(b"Connection: close\r\n\r\n")
        answer = b""
        while part := held.recv(4096):
            answer += part
        assert answer.startswith(b"HTTP/1.1 200")
    stack.eventually(lambda: one.states() == {}, "drained long before the time-out")


def test_elb_health_checks_replace_an_instance_that_the_balancer_finds_unhealthy(stack: Stack, classic: Any) -> None:
    """Auto Scaling guide, "Health checks": type ELB counts classic load balancers too."""
    one = classic()
    name = stack.group(
        stack.template(), 1, LoadBalancerNames=[one.name], HealthCheckType="ELB", HealthCheckGracePeriod=0
    )
    one.in_service(1)
    (first,) = one.states()
    one.check("TCP:9")
    stack.eventually(
        lambda: first not in {member["InstanceId"] for member in stack.described(name)["Instances"]}, "replaced"
    )


@pytest.mark.shape
def test_a_classic_balancer_is_a_traffic_source_of_type_elb(stack: Stack, classic: Any) -> None:
    """API reference, TrafficSourceIdentifier: Type elb, Identifier the name."""
    one = classic()
    source = {"Identifier": one.name, "Type": "elb"}
    name = stack.group(stack.template(), 1, TrafficSources=[source])
    one.in_service(1)
    assert stack.described(name)["TrafficSources"] == [source]
    told = stack.asg.describe_traffic_sources(AutoScalingGroupName=name, TrafficSourceType="elb")["TrafficSources"]
    assert [(each["Identifier"], each["Type"]) for each in told] == [(one.name, "elb")]
    detach = stack.asg.detach_load_balancers
    assert refused(detach, AutoScalingGroupName=name, LoadBalancerNames=[one.name]) == "ValidationError"
    stack.asg.detach_traffic_sources(AutoScalingGroupName=name, TrafficSources=[source])
    stack.eventually(lambda: one.described()["Instances"] == [], "everybody to leave")
