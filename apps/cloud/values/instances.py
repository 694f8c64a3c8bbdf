"""EC2 instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

OVER = frozenset({"shutting-down", "terminated"})  # states of an instance that does not come back


@dataclass(frozen=True)
class InstanceState:
    """An instance as DescribeInstances answers it."""

    id: str
    state: str  # pending, running, shutting-down, terminated, stopping, stopped
    image_id: str
    instance_type: str
    zone: str
    private_ip: str
    launched_at: datetime
    architecture: str = ""
    vpc_id: str = ""
    subnet_id: str = ""
    key_name: str = ""
    security_groups: tuple[tuple[str, str], ...] = ()  # id and name
    profile: str = ""  # ARN of its IAM instance profile
    tags: Mapping[str, str] = field(default_factory=dict)
    state_reason: str = ""  # of the latest stop or end: AWS's code, as Client.InstanceInitiatedShutdown

    @property
    def over(self) -> bool:
        """Whether it does not come back."""
        return self.state in OVER

    @property
    def group(self) -> str:
        """The Auto Scaling group it belongs to; empty when to none."""
        return self.tags.get("aws:autoscaling:groupName", "")


@dataclass(frozen=True)
class InstanceTypeFacts:
    """What AWS says of an instance type: its processor architectures (`x86_64`, `arm64`) and default vCPUs."""

    name: str
    architectures: tuple[str, ...]
    vcpus: int
