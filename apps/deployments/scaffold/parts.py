"""Which parts a cluster is to have, out of what is asked for, what an earlier run made, and the account's network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.cloud.aws import elbv2, launching, networks
from apps.cloud.errors import NotFound
from apps.cloud.values import HostedZone, LoadBalancerState, SubnetState, Target
from apps.deployments.errors import Invalid
from apps.deployments.scaffold.kinds.base import CLUSTER_TAG, ENVIRONMENT_TAG, key_of
from apps.deployments.scaffold.kinds.rule import balancer_of, conditions
from apps.deployments.scaffold.wishes import HTTP, HTTPS, INTERNET, RULE, Wishes, listed

LONGEST = 32  # characters of a load balancer's and of a target group's name
LONGEST_NAME = 255  # of a part, as a row has it
FIRST_VERSION = "1"  # of a launch template, which is made with it
EVERYWHERE = "0.0.0.0/0"
DEFAULT_PORT, DEFAULT_TLS_PORT = 80, 443

SECURITY_GROUP = "security-group"  # the noun of which a cluster may have two

# the settings with which an earlier run made a part, by its noun; of security groups by their names
Remembered = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Part:
    """A part to be; `asked` are those of its settings that somebody named, in words that can be compared."""

    noun: str
    name: str
    settings: Mapping[str, Any]
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return key_of(self.noun, self.name)

    def as_json(self) -> dict[str, Any]:
        return {"noun": self.noun, "name": self.name, "settings": dict(self.settings)}


@dataclass(frozen=True)
class Network:
    """Where it all lies. `shared` is the load balancer that has the listener of a rule."""

    vpc: str
    cidr: str
    subnets: tuple[SubnetState, ...]  # one of each zone, or those named
    shared: LoadBalancerState | None = None


@dataclass(frozen=True)
class Cut:
    """What is asked for with everything that was left out filled in."""

    cluster: str
    environment: str
    wishes: Wishes
    said: Wishes  # as it was asked for
    network: Network
    target: Target
    zone: HostedZone | None = None

    @property
    def fitted(self) -> str:
        return fitted(self.cluster)

    @property
    def subnets(self) -> list[str]:
        return sorted(each.id for each in self.network.subnets)


def fitted(cluster: str, suffix: str = "") -> str:
    """The cluster's name as load balancers and target groups may be called, cut where it is too long."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", cluster).strip("-") or "cluster"
    if plain.startswith("internal-"):  # AWS keeps such names for itself
        plain = f"c-{plain}"
    room = LONGEST - len(suffix)
    if len(plain) > room or plain != cluster:
        digest = hashlib.sha256(cluster.encode()).hexdigest()[:6]
        plain = f"{plain[: room - 7].rstrip('-')}-{digest}"
    return f"{plain}{suffix}"


def filled(said: Wishes, made: Remembered, cluster: str, health_check_path: str) -> Wishes:
    """What was left out, as an earlier run made it, else as the help of each option says."""
    rule, balancer = made.get("rule", {}), made.get("load-balancer", {})
    traffic = said.traffic or (RULE if rule or said.listener else str(balancer.get("scheme", INTERNET)))
    listener = made.get("listener", {})
    secure = (said.protocol or listener.get("protocol")) == HTTPS
    lets_in = made.get(fitted(cluster, "-lb"), {}).get("port")  # a security group may stand before its listener
    port = said.port or listener.get("port") or lets_in or (DEFAULT_TLS_PORT if secure else DEFAULT_PORT)
    answers = made.get("target-group", {}).get("port") or made.get(fitted(cluster), {}).get("port")
    behind = DEFAULT_PORT if secure else port
    return replace(
        said,
        traffic=traffic,
        port=port,
        protocol=HTTPS if secure else HTTP,
        certificate_arn=said.certificate_arn or (str(listener.get("certificate", "")) if secure else ""),
        instance_port=said.instance_port or answers or behind,
        health_check_path=said.health_check_path or health_check_path or "/",
        listener=said.listener or str(rule.get("listener", "")),
        subnets=said.subnets or ("" if traffic == RULE else ",".join(balancer.get("subnets", ()))),
        host=said.host or ",".join(rule.get("hosts", ())),
        path=said.path or ",".join(rule.get("paths", ())),
        priority=said.priority or rule.get("priority"),
    )


def network(target: Target, wishes: Wishes) -> Network:
    """Raises Invalid naming the option that is wrong, CloudError."""
    shared = _shared(target, wishes.listener) if wishes.traffic == RULE else None
    named = listed(wishes.subnets)
    default = None if shared or named else networks.default_vpc(target)
    if named:
        found = _named(target, named)
        vpc_id = found[0].vpc_id
    elif shared or default:
        vpc_id = shared.vpc_id if shared else default.id if default else ""
        found = list({each.zone: each for each in reversed(networks.subnets_of(target, vpc_id))}.values())
    else:
        raise Invalid({"options.subnets": ["The region has no default VPC: name the subnets, in two zones at least."]})
    if shared and shared.vpc_id != vpc_id:
        raise Invalid({"options.subnets": [f"The listener's load balancer lies in {shared.vpc_id}, not in {vpc_id}."]})
    cidr = default.cidr if default else networks.vpc(target, vpc_id).cidr
    return Network(vpc_id, cidr, tuple(sorted(found, key=lambda each: each.zone)), shared)


def _shared(target: Target, listener: str) -> LoadBalancerState:
    try:
        found = next(iter(elbv2.describe_load_balancers(target, [balancer_of(listener)])), None)
    except NotFound as error:
        raise Invalid({"options.listener": [f"There is no such listener: {error}"]}) from error
    if found is None:
        raise Invalid({"options.listener": ["There is no such listener: its load balancer is not shown."]})
    if listener not in {each.arn for each in elbv2.describe_listeners(target, [found.arn])}:
        raise Invalid({"options.listener": [f"{found.name} has no such listener."]})
    return found


def _named(target: Target, ids: Iterable[str]) -> list[SubnetState]:
    wanted = set(ids)
    found = list(launching.subnets(target, wanted))
    missing = wanted - {each.id for each in found}
    if missing:
        raise Invalid({"options.subnets": [f"There is no subnet {', '.join(sorted(missing))} here."]})
    if len({each.vpc_id for each in found}) > 1:
        raise Invalid({"options.subnets": ["The subnets lie in several VPCs: name those of one."]})
    return found


def wanted(cut: Cut) -> Iterator[Part]:
    """Every part, in the order in which they are made."""
    wishes, said = cut.wishes, cut.said
    own = wishes.traffic != RULE
    if own:
        yield _balancers_group(cut)
    yield _instances_group(cut)
    settings = {"vpc": cut.network.vpc, "port": wishes.instance_port, "health_check_path": wishes.health_check_path}
    asked = {"port": said.instance_port, "health_check_path": said.health_check_path}
    yield Part("target-group", cut.fitted, settings, _said(asked))
    yield from _own(cut) if own else [_rule(cut)]
    if cut.zone:
        shared = cut.network.shared
        balancer = shared.arn if shared else key_of("load-balancer", cut.fitted)
        name = wishes.record or f"{cut.fitted}.{cut.zone.name}"
        yield Part("record", name.rstrip(".").lower(), {"zone": cut.zone.id, "load_balancer": balancer})


def template_part(cut: Cut, user_data: str, says: str) -> Part:
    """The launch template of a first group; `says` tells people of the user data, which may be secret."""
    wishes = cut.wishes
    settings = {
        "image": wishes.image,
        "instance_type": wishes.instance_type,
        "profile": wishes.instance_profile,
        "user_data": user_data,
        "says": says,
        "security_group": key_of("security-group", cut.fitted),
    }
    return Part("launch-template", cut.cluster, settings)


def version_part(cut: Cut, template: Part, token: str) -> Part:
    """A further version of that launch template, found again by the token."""
    name = f"{cut.cluster} {cut.wishes.image}"[-LONGEST_NAME:]
    settings = {**template.settings, "launch_template": template.key, "token": token}
    return Part("launch-template-version", name, settings)


def group_part(cut: Cut, name: str, template: Part, version: str) -> Part:
    """A first group; `version` is the number of a version of the launch template, or the key of one to be made."""
    settings = {
        "min": cut.wishes.min,
        "max": cut.wishes.max,
        "subnets": cut.subnets,
        "launch_template": template.key,
        "version": version,
        "target_group": key_of("target-group", cut.fitted),
    }
    return Part("group", name, settings)


def _balancers_group(cut: Cut) -> Part:
    wishes, said = cut.wishes, cut.said
    source = wishes.allow_from or (EVERYWHERE if wishes.traffic == INTERNET else cut.network.cidr)
    settings = {
        "vpc": cut.network.vpc,
        "port": wishes.port,
        "sources": [source],
        "description": f"The load balancer of {cut.cluster}",
    }
    asked = {"port": said.port, "sources": [said.allow_from] if said.allow_from else None}
    return Part("security-group", fitted(cut.cluster, "-lb"), settings, _said(asked))


def _instances_group(cut: Cut) -> Part:
    shared = cut.network.shared
    sources = list(shared.security_groups) if shared else [key_of("security-group", fitted(cut.cluster, "-lb"))]
    settings = {
        "vpc": cut.network.vpc,
        "port": cut.wishes.instance_port,
        "sources": sources or [cut.network.cidr],
        "description": f"Instances of {cut.cluster}",
    }
    return Part("security-group", cut.fitted, settings, _said({"port": cut.said.instance_port}))


def _own(cut: Cut) -> Iterator[Part]:
    wishes, said = cut.wishes, cut.said
    settings = {
        "scheme": wishes.traffic,
        "subnets": cut.subnets,
        "security_group": key_of("security-group", fitted(cut.cluster, "-lb")),
    }
    asked = {"scheme": said.traffic, "subnets": sorted(listed(said.subnets))}
    balancer = Part("load-balancer", cut.fitted, settings, _said(asked))
    yield balancer
    to = key_of("target-group", cut.fitted)
    listener = {
        "load_balancer": balancer.key,
        "target_group": to,
        "port": wishes.port,
        "protocol": wishes.protocol,
        "certificate": wishes.certificate_arn,
    }
    named = {"port": said.port, "protocol": said.protocol, "certificate": said.certificate_arn}
    yield Part("listener", cut.fitted, listener, _said(named))


def _rule(cut: Cut) -> Part:
    wishes, said = cut.wishes, cut.said
    hosts, paths = listed(wishes.host), listed(wishes.path)
    settings = {
        "listener": wishes.listener,
        "target_group": key_of("target-group", cut.fitted),
        "hosts": hosts,
        "paths": paths,
        "priority": wishes.priority,
        "owner": {CLUSTER_TAG: cut.cluster, ENVIRONMENT_TAG: cut.environment},
    }
    words = conditions(hosts, paths) if said.host or said.path else None
    return Part("rule", cut.fitted, settings, _said({"conditions": words, "priority": said.priority}))


def _said(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value not in (None, "", [])}
