"""Elastic Load Balancing's classic load balancers: who is registered with them, and how well. Reads only.

Auto Scaling registers and deregisters a group's instances; see `autoscaling.attach` and `detach`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import Shape, chunks
from apps.cloud.values import ClassicLoadBalancerState, Target, TargetHealth

SERVICE = "elb"
PAGE = 400
NAMES_PER_CALL = 20

# AWS tells by its words only that an instance is on its way in or out
_COMING = (
    "instance registration is still in progress",
    "instance has not passed the configured healthythreshold",
    "instance is in pending state",
)
_LEAVING = "instance deregistration currently in progress"


def describe_load_balancers(
    target: Target, names: Iterable[str] | None = None, *, attributes: bool = False
) -> tuple[ClassicLoadBalancerState, ...]:
    """The classic load balancers of the region, or those named (an unknown one raises NotFound).

    `attributes` adds a call a load balancer, for its connection draining.
    """
    batches = [None] if names is None else list(chunks(sorted(set(names)), NAMES_PER_CALL))
    found = [
        _state(shape)
        for batch in batches
        for page in pages(target, SERVICE, "DescribeLoadBalancers", LoadBalancerNames=batch, PageSize=_size(batch))
        for shape in page["LoadBalancerDescriptions"]
    ]
    if attributes:
        found = [replace(each, draining_seconds=_draining(target, each.name)) for each in found]
    return tuple(found)


def instance_health(target: Target, name: str) -> tuple[TargetHealth, ...]:
    """The health of every instance registered with a classic load balancer; an unknown one raises NotFound.

    The states are those of targets: InService is healthy, or draining while it is being deregistered.
    """
    answer = call(target, SERVICE, "DescribeInstanceHealth", LoadBalancerName=name)
    return tuple(
        TargetHealth(
            target_group=name,
            id=shape["InstanceId"],
            port=0,
            state=_word(shape),
            reason=_told(shape.get("ReasonCode")),
            description=_told(shape.get("Description")),
        )
        for shape in answer["InstanceStates"]
    )


def _size(batch: object) -> int | None:
    return PAGE if batch is None else None


def _state(shape: Shape) -> ClassicLoadBalancerState:
    return ClassicLoadBalancerState(
        name=shape["LoadBalancerName"],
        dns_name=shape.get("DNSName", ""),
        scheme=shape.get("Scheme", ""),
        vpc_id=shape.get("VPCId", ""),
        instances=tuple(each["InstanceId"] for each in shape.get("Instances") or ()),
    )


def _draining(target: Target, name: str) -> int:
    answer = call(target, SERVICE, "DescribeLoadBalancerAttributes", LoadBalancerName=name)
    draining = answer["LoadBalancerAttributes"].get("ConnectionDraining") or {}
    return int(draining.get("Timeout") or 0) if draining.get("Enabled") else 0


def _word(shape: Shape) -> str:
    state, words = shape["State"], (shape.get("Description") or "").lower()
    if words.startswith(_LEAVING):
        return "draining"
    if state == "InService":
        return "healthy"
    if state == "OutOfService":
        return "initial" if words.startswith(_COMING) else "unhealthy"
    return "unavailable"


def _told(text: str | None) -> str:
    """AWS writes N/A where it has nothing to say."""
    return "" if text in (None, "N/A") else str(text)
