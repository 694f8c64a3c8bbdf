"""The name by which the load balancer is reached: an alias in Route 53."""

from __future__ import annotations

from collections.abc import Mapping

from apps.cloud.aws import elbv2, route53
from apps.cloud.errors import NotFound
from apps.cloud.values import LoadBalancerState
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register

STRANGER: Mapping[str, str] = {}  # the tags of a record that stands for something else: none


@register
class Record(Kind):
    """Settings: `zone` (an id), `load_balancer` (a key or an ARN). Records have no tags: ours stand for ours."""

    noun, words = "record", "DNS record"
    reading = ("route53:ListResourceRecordSets", "elasticloadbalancing:DescribeLoadBalancers")
    making = ("route53:ChangeResourceRecordSets",)
    removing = ("route53:ChangeResourceRecordSets",)

    def look(self, at: At) -> Seen | None:
        found = route53.records(at.target, at.settings["zone"], at.name)
        named = [each for each in found if each.type in ("A", "AAAA", "CNAME")]
        if not named:
            return None
        balancer = self._balancer(at)
        ours = balancer is not None and route53.plain(balancer.dns_name) in {each.alias for each in named}
        return Seen(at.name, None if ours else STRANGER, {})

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        balancer = self._balancer(at)
        if balancer is None:
            raise NotFound(f"The load balancer of {at.name} is gone.", operation="DescribeLoadBalancers")
        route53.create_alias(at.target, at.settings["zone"], at.name, balancer.dns_name, balancer.zone_id)

    def remove(self, at: At, seen: Seen) -> None:
        balancer = self._balancer(at)
        if balancer is not None:
            route53.delete_alias(at.target, at.settings["zone"], at.name, balancer.dns_name, balancer.zone_id)

    def in_words(self, at: At) -> str:
        to = at.settings["load_balancer"].rpartition(":")[2]
        return f"ChangeResourceRecordSets: {at.name} stands for {to}"

    def _balancer(self, at: At) -> LoadBalancerState | None:
        arn = at.id_of("load_balancer")
        try:
            found = elbv2.describe_load_balancers(at.target, [arn]) if arn else ()
        except NotFound:
            return None
        return found[0] if found else None
