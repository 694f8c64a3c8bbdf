"""An application load balancer of the cluster's own."""

from __future__ import annotations

from collections.abc import Mapping

from apps.cloud.aws import elbv2_changes, elbv2_making
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register


@register
class LoadBalancer(Kind):
    """Settings: `scheme`, `subnets` (ids), `security_group` (a key)."""

    noun, words = "load-balancer", "load balancer"
    reading = ("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags")
    making = ("elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:AddTags")
    removing = ("elasticloadbalancing:DeleteLoadBalancer",)
    limit = "application-load-balancers"
    seconds = None

    def look(self, at: At) -> Seen | None:
        found = elbv2_making.load_balancer_named(at.target, at.name)
        if found is None:
            return None
        tags = elbv2_changes.tags_of(at.target, [found.arn])[found.arn]
        settings = {"scheme": found.scheme, "subnets": sorted(found.subnets)}
        return Seen(found.arn, tags, settings, found.state == "active")

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        elbv2_making.create_load_balancer(
            at.target,
            at.name,
            scheme=at.settings["scheme"],
            subnets=at.settings["subnets"],
            security_groups=[at.id_of("security_group")],
            labels=labels,
        )

    def remove(self, at: At, seen: Seen) -> None:
        elbv2_making.delete_load_balancer(at.target, seen.id)

    def in_words(self, at: At) -> str:
        return f"CreateLoadBalancer: {at.name}, {at.settings['scheme']}, in {', '.join(at.settings['subnets'])}"
