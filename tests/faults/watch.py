"""What each changing call did to the state of the cloud, and to the capacity that serves."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from tests.faults.calls import Call
from tests.faults.snapshot import Account, differences, short

# the kinds of resources that a call of a service may change; after any other call everything is read
_TOUCHES = {
    ("autoscaling", ""): ("group", "extra"),
    ("autoscaling", "AutoScalingGroup"): ("group",),
    ("autoscaling", "CreateAutoScalingGroup"): ("group", "extra"),  # with its lifecycle hooks
    ("autoscaling", "Notification"): ("notice",),
    ("autoscaling", "WarmPool"): ("group",),
    ("autoscaling", "Metrics"): ("group",),
    ("autoscaling", "Processes"): ("group",),
    ("autoscaling", "LoadBalancer"): ("group",),
    ("autoscaling", "TrafficSources"): ("group",),
    ("ec2", "LaunchTemplate"): ("template",),
    ("elbv2", ""): ("traffic",),
    ("cloudwatch", ""): ("alarm",),
    ("ec2", "RunInstances"): ("builder",),
    ("ec2", "Image"): ("image",),
    ("ec2", "Snapshot"): ("image",),
    ("ec2", "ModifyImageAttribute"): ("share",),
    ("ec2", "ModifySnapshotAttribute"): ("share",),
}


@dataclass(frozen=True)
class Effect:
    """One attribute of one resource changed by one call; attribute "" is the resource itself."""

    call: Call
    resource: str
    attribute: str
    before: Any
    after: Any

    def __str__(self) -> str:
        what = f"{self.resource} {self.attribute}".strip()
        return f"{self.call}: {what} {_short(self.before)} → {_short(self.after)}"


class Watch:
    """Use `change` around each changing call."""

    def __init__(self, account: Account, wanted: int) -> None:
        """`wanted` is the healthy capacity that no act of ours may go below."""
        self.account = account
        self.wanted = wanted
        self.start = self._state = account.state()
        self.effects: list[Effect] = []
        self.drops: list[str] = []  # calls that took capacity away below what is wanted, or gave traffic to the sick
        self._capacity = self.capacity()
        self._lock = threading.Lock()

    def copy(self) -> Watch:
        """One for a run that goes on from here, and then another way."""
        other = copy(self)
        other.effects, other.drops = list(self.effects), list(self.drops)
        other._lock = threading.Lock()
        return other

    @contextlib.contextmanager
    def change(self, call: Call, service: str) -> Iterator[None]:
        with self._lock:
            kinds = _touches(service, call.operation) or self.account.kinds
            try:
                yield
            finally:
                self._note(call, kinds)

    def capacity(self) -> int:
        """How many instances are healthy where a listener, or a classic load balancer, sends requests."""
        serving: set[str] = set()
        used = {name for attributes in self._state.values() for name in attributes.get("weights", ())}
        for name in used:
            serving |= self._healthy(self.account.target_groups[name])
        for resource in self._state:
            if resource.startswith("classic "):
                serving |= self._in_service(resource.removeprefix("classic "))
        return len(serving)

    def _note(self, call: Call, kinds: tuple[str, ...]) -> None:
        seen = self.account.state(*kinds)
        before = {name: value for name, value in self._state.items() if name.split(" ")[0] in kinds}
        effects = [Effect(call, *each) for each in differences(before, seen)]
        self.effects += effects
        self._state = {name: value for name, value in self._state.items() if name not in before} | seen
        before, self._capacity = self._capacity, self.capacity()
        if self._capacity < min(before, self.wanted):
            self.drops.append(f"healthy capacity fell from {before} to {self._capacity} by {call}, or before it")
        if any(map(_takes, effects)):
            self.drops += [f"{call} moved traffic while {says}" for says in self._partly_healthy()]

    def _partly_healthy(self) -> Iterator[str]:
        """Groups that have traffic now, and not all of their instances healthy wherever it comes from."""
        used = {name for attributes in self._state.values() for name in attributes.get("weights", ())}
        for group in self.account.groups():
            arns = {short(arn): arn for arn in group["TargetGroupARNs"]}
            sources = [self._healthy(arns[name]) for name in sorted(used & set(arns))]
            sources += [self._in_service(name) for name in group["LoadBalancerNames"]]
            if "Status" in group or not sources:
                continue
            members = {member["InstanceId"] for member in group["Instances"]}
            good, wanted = len(members.intersection(*sources)), group["DesiredCapacity"]
            if good < wanted:
                yield f"{group['AutoScalingGroupName']} had {good} of {wanted} instances healthy"

    def _healthy(self, arn: str) -> set[str]:
        targets = self.account.read("elbv2", "DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {target["Target"]["Id"] for target in targets if target["TargetHealth"]["State"] == "healthy"}

    def _in_service(self, name: str) -> set[str]:
        states = self.account.read("elb", "DescribeInstanceHealth", LoadBalancerName=name)["InstanceStates"]
        return {state["InstanceId"] for state in states if state["State"] == "InService"}


def _takes(effect: Effect) -> bool:
    """Whether a group lost something that sends it traffic, or a target group lost all of its weight, or got some."""
    if effect.attribute == "weights":
        return set(effect.before) != set(effect.after)
    return effect.attribute == "traffic" and any(name not in effect.after for name in effect.before)


def _touches(service: str, operation: str) -> tuple[str, ...]:
    fitting = {part: kinds for (each, part), kinds in _TOUCHES.items() if each == service and part in operation}
    return fitting[max(fitting, key=len)] if fitting else ()


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 80 else f"{text[:77]}..."
