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
    """Settings: `zone` (an id), `load_balancer` (a key or an ARN), and `alias` once it was made: what it stands for.

    Records have no tags: ours is the one that stands for our load balancer, or did when we made it. Somebody may have
    deleted that since; its name may be somebody else's tomorrow, so the record is taken away all the same.
    """

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
        meant = {at.settings.get("alias", ""), route53.plain(balancer.dns_name) if balancer else ""} - {""}
        ours = next((each for each in named if each.type == route53.ADDRESS and each.alias in meant), None)
        if ours is None:
            return Seen(at.name, STRANGER)
        alias = {"alias": ours.alias, "alias_zone": ours.alias_zone}
        return Seen(at.name, None, alias, kept=alias)

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        balancer = self._balancer(at)
        if balancer is None:
            raise NotFound(f"The load balancer of {at.name} is gone.", operation="DescribeLoadBalancers")
        route53.create_alias(at.target, at.settings["zone"], at.name, balancer.dns_name, balancer.zone_id)

    def remove(self, at: At, seen: Seen) -> None:
        alias, zone = seen.settings["alias"], seen.settings["alias_zone"]
        route53.delete_alias(at.target, at.settings["zone"], at.name, alias, zone)

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
