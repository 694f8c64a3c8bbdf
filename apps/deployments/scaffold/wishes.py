"""What may be asked of scaffolding: each option with what people need to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from apps.workflows.options import option

INTERNET, INTERNAL, RULE = "internet-facing", "internal", "rule"
TRAFFIC = (
    ("", "As it is; else an own load balancer, internet-facing"),
    (INTERNET, "An own load balancer, internet-facing"),
    (INTERNAL, "An own load balancer, internal"),
    (RULE, "A rule of a listener that there is"),
)
LAST_PORT = 65535
AS_IT_IS = "Empty: as it is where it stands already,"


@dataclass(frozen=True)
class Wishes:
    """An empty one is as it is of what stands already, else as its help says."""

    traffic: str = option("", "Traffic", "Where requests come from.", choices=TRAFFIC)
    port: int | None = option(
        None, "Port", f"On which the load balancer listens. {AS_IT_IS} else 80.", minimum=1, maximum=LAST_PORT
    )
    protocol: str = option("HTTP", "Protocol", "Of load balancer and instances.", choices=(("HTTP", "HTTP"),))
    instance_port: int | None = option(
        None,
        "Instances' port",
        f"On which instances answer. {AS_IT_IS} else the load balancer's own.",
        minimum=1,
        maximum=LAST_PORT,
    )
    health_check_path: str = option(
        "", "Health check path", f"What instances are asked. {AS_IT_IS} else the application's, else /."
    )
    listener: str = option("", "Listener", "Of a rule: the ARN of the HTTP or HTTPS listener that gets it.")
    host: str = option("", "Host", "Of a rule: requests for this host, as hello.example.com; several with commas.")
    path: str = option("", "Path", "Of a rule: requests for this path, as /hello/*; several with commas.")
    priority: int | None = option(None, "Priority", "Of a rule: empty, behind all others.", minimum=1, maximum=50_000)
    subnets: str = option(
        "", "Subnets", f"Ids with commas, in two zones at least. {AS_IT_IS} else one of each zone of the default VPC."
    )
    allow_from: str = option(
        "",
        "Allow from",
        "Addresses (CIDR) that reach an own load balancer. Empty: all where it is internet-facing, else its VPC.",
    )
    hosted_zone: str = option("", "Hosted zone", "Name or id of the zone in Route 53 for its name. Empty: no name.")
    record: str = option("", "Name", "Its whole name. Empty: the cluster's in the hosted zone.")
    image: str = option("", "First image", "The AMI of the first group. Empty: no group yet.")
    instance_type: str = option("t3.micro", "Instance type", "Of the first group.")
    min: int = option(1, "Min", "Of the first group, and how many it begins with.", minimum=1, maximum=10_000)
    max: int = option(2, "Max", "Of the first group.", minimum=1, maximum=10_000)
    instance_profile: str = option("", "Instance profile", "Name of the IAM instance profile of the first group.")
    user_data: str = option("", "User data", "What instances of the first group are started with.", lines=True)
    healthy_within_seconds: int = option(
        900,
        "Healthy within",
        "When not every instance of the first group is healthy by then, all that was made is taken away again.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )


@dataclass(frozen=True)
class ScaffoldRequest:
    """Scaffold a cluster of an application in one environment and region; fields shared with a push mean the same."""

    application: str
    environment: str
    region: str = ""  # empty: the environment's only one
    cluster: str = ""  # empty: the application's own name
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    on_failure: str = "undo"
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemovalRequest:
    """Take away what scaffolding made for a cluster."""

    application: str
    environment: str
    region: str = ""
    cluster: str = ""
    reason: str = ""
    on_failure: str = "ask"
    overrides: tuple[str, ...] = ()


def listed(text: str) -> list[str]:
    """What is written with commas, without blanks, in its order."""
    return [part for part in (each.strip() for each in text.split(",")) if part]


def problems(wishes: Wishes) -> Iterator[tuple[str, str]]:
    """What does not go together: the option and a sentence."""
    yield from _of_rule(wishes) if wishes.traffic == RULE else _of_own(wishes)
    if wishes.health_check_path and not wishes.health_check_path.startswith("/"):
        yield "health_check_path", "A path begins with /, as /healthz."
    if wishes.allow_from and not _is_cidr(wishes.allow_from):
        yield "allow_from", f"{wishes.allow_from!r} is no block of IPv4 addresses, as 10.0.0.0/8."
    if wishes.min > wishes.max:
        yield "min", f"min can be at most max, {wishes.max}."
    if wishes.record and not wishes.hosted_zone:
        yield "hosted_zone", "Name the hosted zone that the name belongs to."


def _of_rule(wishes: Wishes) -> Iterator[tuple[str, str]]:
    if ":listener/app/" not in wishes.listener:
        yield "listener", "Name the listener of an application load balancer that gets the rule, by its ARN."
    if not wishes.host and not wishes.path:
        yield "host", "A rule needs a host or a path, or it would take all requests."


def _of_own(wishes: Wishes) -> Iterator[tuple[str, str]]:
    for name in ("listener", "host", "path", "priority"):
        if getattr(wishes, name) and wishes.traffic:
            yield name, "This is of a rule; with an own load balancer it means nothing."


def _is_cidr(text: str) -> bool:
    try:
        IPv4Network(text)  # what load balancers here have: no AAAA record leads to them
    except ValueError:
        return False
    return "/" in text
