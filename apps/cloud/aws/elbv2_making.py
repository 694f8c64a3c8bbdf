"""Elastic Load Balancing v2: making load balancers, listeners and rules, and taking them away.

None of these calls has a client token; each wrapper says how to see whether it took effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.cloud.aws.elbv2 import SERVICE
from apps.cloud.aws.elbv2_shapes import load_balancer
from apps.cloud.aws.session import call
from apps.cloud.aws.shapes import tag_list
from apps.cloud.errors import NotFound
from apps.cloud.values import LoadBalancerState, Target

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"  # TLS 1.3 and 1.2, with forward secrecy: what AWS recommends


def load_balancer_named(target: Target, name: str) -> LoadBalancerState | None:
    """The load balancer of this name; None where there is none."""
    try:
        found = call(target, SERVICE, "DescribeLoadBalancers", Names=[name])["LoadBalancers"]
    except NotFound:
        return None
    return load_balancer(found[0]) if found else None


def create_load_balancer(
    target: Target,
    name: str,
    *,
    scheme: str,
    subnets: Sequence[str],
    security_groups: Sequence[str],
    labels: Mapping[str, str],
) -> str:
    """CreateLoadBalancer, for applications; answers its ARN. `scheme` is internal or internet-facing.

    A repeat with the same settings is answered with the one that stands, its tags unchanged; with others it raises
    AlreadyExists. Took effect if `load_balancer_named` finds it; whose it is, its tags say.
    """
    answer = call(
        target,
        SERVICE,
        "CreateLoadBalancer",
        Name=name,
        Type="application",
        Scheme=scheme,
        Subnets=list(subnets),
        SecurityGroups=list(security_groups),
        Tags=tag_list(labels),
    )
    return str(answer["LoadBalancers"][0]["LoadBalancerArn"])


def delete_load_balancer(target: Target, arn: str) -> None:
    """DeleteLoadBalancer, with its listeners and rules; one that is gone is no error."""
    call(target, SERVICE, "DeleteLoadBalancer", LoadBalancerArn=arn)


def create_listener(
    target: Target, balancer: str, port: int, target_group: str, labels: Mapping[str, str], *, certificate: str = ""
) -> None:
    """CreateListener on a port, forwarding to a target group: HTTPS with a certificate (an ARN), else HTTP.

    Took effect if `describe_listeners` shows the port. Raises AlreadyExists for a port that has one, NotFound for a
    certificate that there is not.
    """
    tls = {"Certificates": [{"CertificateArn": certificate}], "SslPolicy": TLS_POLICY} if certificate else {}
    call(
        target,
        SERVICE,
        "CreateListener",
        LoadBalancerArn=balancer,
        Protocol="HTTPS" if certificate else "HTTP",
        Port=port,
        DefaultActions=_forward(target_group),
        Tags=tag_list(labels),
        **tls,
    )


def delete_listener(target: Target, arn: str) -> None:
    """DeleteListener, with its rules. Raises NotFound for one that is gone."""
    call(target, SERVICE, "DeleteListener", ListenerArn=arn)


def create_rule(
    target: Target,
    listener: str,
    *,
    priority: int,
    hosts: Sequence[str],
    paths: Sequence[str],
    target_group: str,
    labels: Mapping[str, str],
) -> None:
    """CreateRule: what comes for one of the hosts, and one of the paths, as far as any are named.

    Raises Invalid (PriorityInUse) for a priority that has a rule. Took effect if `describe_rules` shows it with these
    conditions; whose it is, its tags say.
    """
    named = {"host-header": hosts, "path-pattern": paths}
    conditions = [{"Field": name, "Values": list(values)} for name, values in named.items() if values]
    call(
        target,
        SERVICE,
        "CreateRule",
        ListenerArn=listener,
        Priority=priority,
        Conditions=conditions,
        Actions=_forward(target_group),
        Tags=tag_list(labels),
    )


def delete_rule(target: Target, arn: str) -> None:
    """DeleteRule. Raises NotFound for one that is gone."""
    call(target, SERVICE, "DeleteRule", RuleArn=arn)


def _forward(target_group: str) -> list[dict[str, str]]:
    return [{"Type": "forward", "TargetGroupArn": target_group}]
