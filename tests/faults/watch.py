"""What each changing call did to the state of the cloud, and to the capacity that serves."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from tests.faults.calls import Call
from tests.faults.snapshot import READERS, Account, differences

# the kinds of resources that a call of a service may change; after any other call everything is read
_TOUCHES = {
    ("autoscaling", ""): ("group", "extra"),
    ("autoscaling", "AutoScalingGroup"): ("group",),
    ("autoscaling", "Notification"): ("notice",),
    ("autoscaling", "WarmPool"): ("group",),
    ("autoscaling", "Metrics"): ("group",),
    ("autoscaling", "Processes"): ("group",),
    ("autoscaling", "LoadBalancer"): ("group",),
    ("autoscaling", "TrafficSources"): ("group",),
    ("ec2", "LaunchTemplate"): ("template",),
    ("elbv2", ""): ("traffic",),
    ("cloudwatch", ""): ("alarm",),
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
        self.drops: list[str] = []  # calls that took capacity away below what is wanted
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
            kinds = _touches(service, call.operation)
            try:
                yield
            finally:
                self._note(call, kinds)

    def capacity(self) -> int:
        """How many instances are healthy where a listener, or a classic load balancer, sends requests."""
        serving: set[str] = set()
        used = {name for attributes in self._state.values() for name in attributes.get("weights", ())}
        for name in used:
            arn = self.account.target_groups[name]
            targets = self.account.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            serving |= {target["Target"]["Id"] for target in targets if target["TargetHealth"]["State"] == "healthy"}
        for resource in self._state:
            if resource.startswith("classic "):
                name = resource.removeprefix("classic ")
                states = self.account.elb.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
                serving |= {state["InstanceId"] for state in states if state["State"] == "InService"}
        return len(serving)

    def _note(self, call: Call, kinds: tuple[str, ...]) -> None:
        seen = self.account.state(*kinds)
        before = {name: value for name, value in self._state.items() if name.split(" ")[0] in kinds}
        self.effects += [Effect(call, *each) for each in differences(before, seen)]
        self._state = {name: value for name, value in self._state.items() if name not in before} | seen
        before, self._capacity = self._capacity, self.capacity()
        if self._capacity < min(before, self.wanted):
            self.drops.append(f"healthy capacity fell from {before} to {self._capacity} by {call}, or before it")


def _touches(service: str, operation: str) -> tuple[str, ...]:
    fitting = {part: kinds for (each, part), kinds in _TOUCHES.items() if each == service and part in operation}
    return fitting[max(fitting, key=len)] if fitting else tuple(READERS)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 80 else f"{text[:77]}..."
