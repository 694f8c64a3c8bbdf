"""What may be asked of scaffolding: each option with what people need to know of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from django.conf import settings

from apps.cloud.values import Target
from apps.workflows.options import option

INTERNET, INTERNAL, RULE = "internet-facing", "internal", "rule"
TRAFFIC = (
    ("", "As it is; else an own load balancer, internet-facing"),
    (INTERNET, "An own load balancer, internet-facing"),
    (INTERNAL, "An own load balancer, internal"),
    (RULE, "A rule of a listener that there is"),
)
HTTP, HTTPS = "HTTP", "HTTPS"
PROTOCOLS = (("", "As it is; else HTTP"), (HTTP, HTTP), (HTTPS, HTTPS))
CERTIFICATE = re.compile(
    r"arn:aws[\w-]*:(?:acm:(?P<region>[\w-]+):(?P<account>\d{12}):certificate/\S+|iam::\d{12}:server-certificate/\S+)"
)
LAST_PORT = 65535
OF_RULE, NETWORK, FIRST = "A rule of a listener that there is", "Network and name", "First group"
AS_IT_IS = "Empty: as it is where it stands already,"


@dataclass(frozen=True)
class Wishes:
    """An empty one is as it is of what stands already, else as its help says."""

    traffic: str = option("", "Traffic", "Where requests come from.", choices=TRAFFIC)
    port: int | None = option(
        None,
        "Port",
        f"On which the load balancer listens. {AS_IT_IS} else 80, of HTTPS 443.",
        minimum=1,
        maximum=LAST_PORT,
    )
    protocol: str = option(
        "", "Protocol", "Of an own load balancer; its instances answer HTTP in any case.", choices=PROTOCOLS
    )
    certificate_arn: str = option(
        "", "Certificate", "Of HTTPS: the ARN of a certificate in Certificate Manager, of the same region and account."
    )
    instance_port: int | None = option(
        None,
        "Instances' port",
        f"On which instances answer. {AS_IT_IS} else the load balancer's own, of HTTPS 80.",
        minimum=1,
        maximum=LAST_PORT,
    )
    health_check_path: str = option(
        "", "Health check path", f"What instances are asked. {AS_IT_IS} else the application's, else /."
    )
    listener: str = option(
        "", "Listener", "Of a rule: the ARN of the HTTP or HTTPS listener that gets it.", section=OF_RULE
    )
    host: str = option(
        "", "Host", "Of a rule: requests for this host, as hello.example.com; several with commas.", section=OF_RULE
    )
    path: str = option(
        "", "Path", "Of a rule: requests for this path, as /hello/*; several with commas.", section=OF_RULE
    )
    priority: int | None = option(
        None, "Priority", "Of a rule: empty, behind all others.", minimum=1, maximum=50_000, section=OF_RULE
    )
    subnets: str = option(
        "",
        "Subnets",
        f"Ids with commas, in two zones at least. {AS_IT_IS} else one of each zone of the default VPC.",
        section=NETWORK,
    )
    allow_from: str = option(
        "",
        "Allow from",
        "Addresses (CIDR) that reach an own load balancer. Empty: all where it is internet-facing, else its VPC.",
        section=NETWORK,
    )
    hosted_zone: str = option(
        "", "Hosted zone", "Name or id of the zone in Route 53 for its name. Empty: no name.", section=NETWORK
    )
    record: str = option("", "Name", "Its whole name. Empty: the cluster's in the hosted zone.", section=NETWORK)
    image: str = option("", "First image", "The AMI of the first group. Empty: no group yet.", section=FIRST)
    other_application: bool = option(
        False,
        "Another application's image",
        "Take the AMI although its tag names another application.",
        section=FIRST,
    )
    instance_type: str = option("t3.micro", "Instance type", "Of the first group.", section=FIRST)
    min: int = option(
        1, "Min", "Of the first group, and how many it begins with.", minimum=1, maximum=10_000, section=FIRST
    )
    max: int = option(2, "Max", "Of the first group.", minimum=1, maximum=10_000, section=FIRST)
    instance_profile: str = option(
        "", "Instance profile", "Name of the IAM instance profile of the first group.", section=FIRST
    )
    user_data: str = option(
        "", "User data", "What instances of the first group are started with.", lines=True, section=FIRST
    )
    healthy_within_seconds: int = option(
        settings.HEALTHY_WITHIN_SECONDS,
        "Healthy within",
        "When not every instance of the first group is healthy by then, all that was made is taken away again.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
        section=FIRST,
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


def problems(wishes: Wishes, target: Target) -> Iterator[tuple[str, str]]:
    """What does not go together, there: the option and a sentence."""
    yield from _of_rule(wishes) if wishes.traffic == RULE else _of_own(wishes, target)
    if wishes.health_check_path and not wishes.health_check_path.startswith("/"):
        yield "health_check_path", "A path begins with /, as /healthz."
    if wishes.allow_from and not _is_cidr(wishes.allow_from):
        yield "allow_from", f"{wishes.allow_from!r} is no block of addresses, as 10.0.0.0/8."
    if wishes.min > wishes.max:
        yield "min", f"min can be at most max, {wishes.max}."
    if wishes.record and not wishes.hosted_zone:
        yield "hosted_zone", "Name the hosted zone that the name belongs to."


def _of_rule(wishes: Wishes) -> Iterator[tuple[str, str]]:
    if ":listener/app/" not in wishes.listener:
        yield "listener", "Name the listener of an application load balancer that gets the rule, by its ARN."
    if not wishes.host and not wishes.path:
        yield "host", "A rule needs a host or a path, or it would take all requests."
    if wishes.certificate_arn:
        yield "certificate_arn", "This is of an own load balancer; a rule has the certificate of its listener."
    if wishes.protocol == HTTPS:
        yield "protocol", "This is of an own load balancer; a rule has the protocol of its listener."


def _of_own(wishes: Wishes, target: Target) -> Iterator[tuple[str, str]]:
    for name in ("listener", "host", "path", "priority"):
        if getattr(wishes, name) and wishes.traffic:
            yield name, "This is of a rule; with an own load balancer it means nothing."
    wrong = _of_certificate(wishes, target)
    if wrong:
        yield "certificate_arn", wrong


def _of_certificate(wishes: Wishes, target: Target) -> str:
    arn = wishes.certificate_arn
    if wishes.protocol != HTTPS:
        return "A certificate is of HTTPS: ask for that protocol, too." if arn else ""
    example = f"arn:aws:acm:{target.region}:{target.account}:certificate/..."
    if not arn:
        return f"HTTPS needs a certificate: name one of Certificate Manager by its ARN, as {example}"
    known = CERTIFICATE.fullmatch(arn)
    if known is None:
        return f"{arn!r} is no certificate's ARN, as {example}"
    if known["region"] and known["region"] != target.region:
        return f"The certificate is of {known['region']}, and the load balancer of {target.region}: take one of there."
    if known["account"] and known["account"] != target.account:
        return f"The certificate is of account {known['account']}, and the load balancer of {target.account}."
    return ""


def _is_cidr(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return "/" in text
