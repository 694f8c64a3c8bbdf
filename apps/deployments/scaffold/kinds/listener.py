"""The listener of an own load balancer: all that comes goes to the target group."""

from __future__ import annotations

from collections.abc import Mapping

from apps.cloud.aws import elbv2, elbv2_changes, elbv2_making
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register


@register
class Listener(Kind):
    """Settings: `load_balancer` and `target_group` (keys), `port`, `protocol`, `certificate` (an ARN or empty).

    A load balancer that is ours has one of ours.
    """

    noun, words = "listener", "listener"
    reading = (
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
    )
    making = ("elasticloadbalancing:CreateListener", "elasticloadbalancing:AddTags")
    removing = ("elasticloadbalancing:DeleteListener",)

    def look(self, at: At) -> Seen | None:
        """The one with our tags, whatever its port; else the one of this port."""
        balancer, wanted = at.id_of("load_balancer"), at.id_of("target_group")
        if not balancer:
            return None
        listeners, rules = elbv2.describe_rules(at.target, [balancer])
        tags = elbv2_changes.tags_of(at.target, [each.arn for each in listeners]) if listeners else {}
        by_rank = sorted(listeners, key=lambda each: (not tags.get(each.arn), each.port != at.settings["port"]))
        for each in by_rank:
            if tags.get(each.arn) or each.port == at.settings["port"]:
                forwards = [
                    to.target_group
                    for rule in rules
                    if rule.listener == each.arn and rule.priority == "default"
                    for to in rule.forwards
                ]
                to = wanted if wanted in forwards else next(iter(forwards), "")
                settings = {"port": each.port, "protocol": each.protocol, "certificate": each.certificate}
                return Seen(each.arn, tags.get(each.arn, {}), {**settings, "target_group": to})
        return None

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        balancer, target_group = at.id_of("load_balancer"), at.id_of("target_group")
        certificate = at.settings.get("certificate", "")
        elbv2_making.create_listener(
            at.target, balancer, at.settings["port"], target_group, labels, certificate=certificate
        )

    def remove(self, at: At, seen: Seen) -> None:
        elbv2_making.delete_listener(at.target, seen.id)

    def in_words(self, at: At) -> str:
        to = at.settings["target_group"].rpartition(":")[2]
        certificate = at.settings.get("certificate", "")
        protocol, by = ("HTTPS", f" with {certificate}") if certificate else ("HTTP", "")
        return f"CreateListener: {protocol} on port {at.settings['port']} of {at.name}{by}, forwarding to {to}"
