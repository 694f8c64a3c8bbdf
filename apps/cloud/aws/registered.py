"""The health of whatever is registered with a load balancer, of either generation."""

from __future__ import annotations

from apps.cloud.aws import elb, elbv2
from apps.cloud.values import Target, TargetHealth


def registered(target: Target, source: str) -> tuple[TargetHealth, ...]:
    """The health of all that is registered with a target group (ARN) or a classic load balancer (name).

    An unknown one raises NotFound.
    """
    read = elbv2.target_health if source.startswith("arn:") else elb.instance_health
    return read(target, source)
