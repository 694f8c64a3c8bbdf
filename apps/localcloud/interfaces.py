"""What the embedded cloud's control process asks of its two helpers: the fleet (instances) and the data plane.

Control knows AWS's words; the fleet knows processes and folders; the data plane knows sockets. They meet only here.
All times are seconds, all addresses are IPv4 loopback text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

SWITCHED_OFF = -30  # the status of a machine that has switched itself off: ended by SIGPWR, which nobody else sends


@dataclass(frozen=True)
class InstanceSpec:
    """One instance to boot: a copy of `image` (a directory tree), serving on `address`."""

    instance_id: str
    address: str
    image: Path
    user_data: str = ""  # a shell script, already base64-decoded; run inside the copy at each start before the service
    environment: Mapping[str, str] = field(default_factory=dict)  # AWS_*, INSTANCE_ID, AUTO_SCALING_GROUP_NAME, ...
    boot_seconds: float = 0.0  # how long the machine takes before its service starts


class Fleet(Protocol):
    """Real processes, one an instance. Calls return at once; what happens later is told to the callbacks.

    `on_running(instance_id)` when user data ended well and the service process was started (not: is healthy);
    `on_exit(instance_id, status)` when the service process, or its user data, ended for any reason; SWITCHED_OFF as
    status if it called for that itself (`shutdown`, `poweroff`, `halt`).
    An instance's tree is there until it is stopped without `keep`; a start finds it again.
    """

    def start(self, spec: InstanceSpec) -> None: ...
    def stop(self, instance_id: str, grace: float = 10.0, *, keep: bool = False) -> None:
        """SIGTERM, and SIGKILL after `grace`; its tree is removed unless `keep`. Unknown ids are ignored."""

    def capture(self, instance_id: str, destination: Path) -> None:
        """Copies the instance's tree as it is now to `destination` (CreateImage), also when it has ended.

        Raises KeyError for unknown ids, OSError while there is no tree.
        """

    def console_output(self, instance_id: str) -> bytes:
        """What boot, user data and service printed; the last 64 KB, kept after the instance ended."""

    def pid(self, instance_id: str) -> int | None:
        """The service's process id, for tests that kill it; None when it does not run."""

    def close(self) -> None:
        """Ends every instance and the fork server; returns when none is left."""


# (work folder, on_running, on_exit)
FleetFactory = Callable[[Path, Callable[[str], None], Callable[[str, int], None]], Fleet]


class Health(StrEnum):
    """TargetHealth.State as ELBv2 spells it."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNUSED = "unused"
    DRAINING = "draining"


@dataclass(frozen=True)
class HealthCheck:
    path: str = "/"
    interval: float = 30.0
    timeout: float = 5.0
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str = "200"  # "200", "200-299", "200,202"
    port: int = 0  # 0: the target's own
    tcp: bool = False  # a connection suffices
    eager: bool = True  # a new target is healthy after its first success, whatever the threshold


@dataclass(frozen=True)
class Target:
    """A registered target; `draining` ones take no new request and finish those they have."""

    id: str
    address: str
    port: int
    draining: bool = False


@dataclass(frozen=True)
class TargetGroupConfig:
    arn: str
    targets: tuple[Target, ...]
    health_check: HealthCheck
    deregistration_delay: float = 300.0
    fail_open: bool = True  # when none is healthy, all are asked


@dataclass(frozen=True)
class Rule:
    """A listener rule: all conditions must hold; `forward` is (target group ARN, weight), weights 0-999.

    `fixed` answers (status, content type, body) instead. `priority` None is the listener's default rule.
    """

    priority: int | None
    path_patterns: tuple[str, ...] = ()
    host_headers: tuple[str, ...] = ()
    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (name, patterns)
    forward: tuple[tuple[str, int], ...] = ()
    fixed: tuple[int, str, str] | None = None


@dataclass(frozen=True)
class ListenerConfig:
    load_balancer: str  # ARN
    address: str
    port: int
    rules: tuple[Rule, ...]  # in the order they are tried; the default rule last
    tcp: bool = False  # connections are passed through as they are; the default rule alone counts
    tls: str = field(default="", repr=False)  # private key and certificate of HTTPS, as PEM


@dataclass(frozen=True)
class DataPlaneConfig:
    listeners: tuple[ListenerConfig, ...] = ()
    target_groups: tuple[TargetGroupConfig, ...] = ()


@dataclass(frozen=True)
class TargetReading:
    """One target's health as DescribeTargetHealth tells it (state, reason code, description)."""

    state: Health
    # Target.ResponseCodeMismatch, Target.Timeout, Target.FailedHealthChecks, Elb.InitialHealthChecking, ...
    reason: str = ""
    description: str = ""
    in_flight: int = 0


@dataclass(frozen=True)
class Traffic:
    """What passed between two readings, for one load balancer and target group ('' = none was chosen)."""

    load_balancer: str
    target_group: str
    requests: int
    target_2xx: int
    target_3xx: int
    target_4xx: int
    target_5xx: int
    elb_5xx: int
    response_time_sum: float
    response_time_min: float
    response_time_max: float


class DataPlane(Protocol):
    """The load balancers, in a process of their own. A target group in no rule is not checked and reads `unused`."""

    def apply(self, config: DataPlaneConfig) -> None:
        """Makes the whole configuration so; idempotent; returns once new requests follow it. Connections stay open."""

    def health(self) -> Mapping[tuple[str, str, int], TargetReading]:
        """(target group ARN, target id, port) to its latest reading; at most 0.25 s old."""

    def traffic(self) -> list[Traffic]:
        """Counts since the last call."""

    def failures(self) -> Mapping[tuple[str, int], str]:
        """(address, port) of listeners that could not be bound, with the reason."""

    def close(self) -> None: ...
