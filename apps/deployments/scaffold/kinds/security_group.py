"""A security group that lets one port in: from addresses, or from other groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from apps.cloud.aws import networks
from apps.cloud.values import Ingress
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register


@register
class SecurityGroup(Kind):
    """Settings: `vpc`, `port`, `sources` (CIDR, ids, or keys of other groups), `description`."""

    noun, words = "security-group", "security group"
    reading = ("ec2:DescribeSecurityGroups",)
    making = ("ec2:CreateSecurityGroup", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags")
    removing = ("ec2:DeleteSecurityGroup",)

    def look(self, at: At) -> Seen | None:
        found = networks.security_group_named(at.target, at.settings["vpc"], at.name)
        if found is None:
            return None
        ports = sorted({rule.port for rule in found.ingress})
        sources = sorted({rule.source for rule in found.ingress if not rule.source.startswith("sg-")})
        lets_in = [f"{rule.port} {rule.source}" for rule in found.ingress]
        settings = {"port": ports[0] if len(ports) == 1 else ports, "sources": sources, "ingress": lets_in}
        return Seen(found.id, found.tags, settings)

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        networks.create_security_group(at.target, at.settings["vpc"], at.name, at.settings["description"], labels)

    def complete(self, at: At, seen: Seen) -> Callable[[], None] | None:
        for source in map(at.resolved, at.settings["sources"]):
            if source and f"{at.settings['port']} {source}" not in seen.settings["ingress"]:
                return partial(networks.allow, at.target, seen.id, Ingress(at.settings["port"], source))
        return None

    def remove(self, at: At, seen: Seen) -> None:
        networks.delete_security_group(at.target, seen.id)

    def in_words(self, at: At) -> str:
        names = (source.rpartition(":")[2] for source in at.settings["sources"])
        return f"CreateSecurityGroup: {at.name} lets in port {at.settings['port']} from {', '.join(names)}"
