"""The pages of load balancers and target groups: from rows, and what AWS tells now of the targets' health."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse

from apps.cloud.errors import CloudError
from apps.cloud.values import TargetHealth
from apps.console.build.instance import TARGETS
from apps.console.pages.common import State
from apps.console.pages.traffic import LoadBalancerPage, RuleLine, TargetGroupPage, TargetLine, WeightLine
from apps.inventory.models import Group, Instance, LoadBalancer, TargetGroup
from apps.inventory.selectors import lists
from apps.inventory.selectors.words import target_group_name
from apps.inventory.services.targets import Target, targets_of

WORST_FIRST = {"fail": 0, "move": 1, "rest": 2, "serve": 3}


def load_balancer_page(row: LoadBalancer) -> LoadBalancerPage:
    """Its listeners with their rules, and what each forwards to."""
    known = _target_groups(row, [row])
    return LoadBalancerPage(
        environment=row.environment.name,
        region=row.region,
        name=row.name,
        arn=row.arn,
        facts=(
            ("DNS name", row.dns_name or "none"),
            ("Scheme", row.scheme or "unknown"),
            ("State", row.state or "unknown"),
            ("VPC", row.vpc_id or "unknown"),
        ),
        rules=tuple(_rules(row, known)),
        read_at=row.read_at,
        listeners_read_at=row.listeners_read_at,
    )


def target_group_page(row: TargetGroup) -> TargetGroupPage:
    """Reads the health of its targets from AWS; what that does not answer is said, and hides nothing else."""
    problem = ""
    listed: tuple[Target, ...] = ()
    try:
        listed = targets_of(row).targets
    except CloudError as error:
        problem = f"AWS did not tell how its targets are: {error}"
    attached = [{"identifier": row.arn}]
    here = lists.groups().filter(environment=row.environment, region=row.region)
    groups = here.filter(traffic_sources__contains=attached)
    balancers = _balancers(row)
    return TargetGroupPage(
        environment=row.environment.name,
        region=row.region,
        name=row.name,
        arn=row.arn,
        facts=(
            ("Protocol and port", f"{row.protocol} {row.port}".strip()),
            ("Targets are", row.target_type),
            ("Health check", row.health_path or "a connection"),
            ("Every", f"{row.health_interval} s, healthy after {row.healthy_threshold} in a row"),
            ("VPC", row.vpc_id or "unknown"),
        ),
        rules=tuple(rule for rule in _rules_to(row, balancers) if any(line.name == row.name for line in rule.goes_to)),
        groups=tuple((group.name, _group(group)) for group in groups),
        targets=tuple(_targets(listed)),
        read_at=row.read_at,
        problem=problem,
        unread=any(balancer.listeners_read_at is None for balancer in balancers),
    )


def target_group_link(row: TargetGroup) -> str:
    return reverse("console:target-group", args=[row.environment.name, row.region, row.name])


def _balancers(row: TargetGroup) -> list[LoadBalancer]:
    """Those before it."""
    here = lists.load_balancers().filter(environment=row.environment, region=row.region)
    return list(here.filter(arn__in=row.load_balancers))


def _rules_to(row: TargetGroup, balancers: Sequence[LoadBalancer]) -> Iterator[RuleLine]:
    """Their rules, as rows tell them."""
    known = _target_groups(row, balancers)
    for balancer in balancers:
        yield from _rules(balancer, known)


def _target_groups(place: LoadBalancer | TargetGroup, balancers: Sequence[LoadBalancer]) -> dict[str, TargetGroup]:
    """Those that the rules of load balancers of one place name, by ARN."""
    arns = {
        forward["target_group"]
        for balancer in balancers
        for listener in balancer.listeners
        for rule in listener["rules"]
        for forward in rule["forwards"]
    }
    here = {"environment": place.environment, "region": place.region, "arn__in": arns}
    return {each.arn: each for each in lists.target_groups().filter(**here)}


def _rules(balancer: LoadBalancer, known: Mapping[str, TargetGroup]) -> Iterator[RuleLine]:
    href = reverse("console:load-balancer", args=[balancer.environment.name, balancer.region, balancer.name])
    for listener in balancer.listeners:
        for rule in listener["rules"]:
            yield RuleLine(
                listener=f"{listener['protocol']}:{listener['port']}",
                balancer=balancer.name,
                balancer_href=href,
                priority=str(rule["priority"]),
                when=_when(rule["conditions"]),
                goes_to=tuple(_weights(rule["forwards"], known)),
            )


def _when(conditions: Iterable[Any]) -> str:
    words = [_condition(each) for each in conditions]
    return " and ".join(words) or "everything else"


def _condition(condition: Any) -> str:
    """ "path-pattern /api/*" of AWS's own condition."""
    if not isinstance(condition, Mapping):
        return str(condition)
    values = condition.get("Values") or [
        str(value)
        for name, config in condition.items()
        if name.endswith("Config") and isinstance(config, Mapping)
        for value in config.get("Values", ())
    ]
    return f"{condition.get('Field', '')} {', '.join(map(str, values))}".strip()


def _weights(forwards: Iterable[Mapping[str, Any]], known: Mapping[str, TargetGroup]) -> Iterator[WeightLine]:
    forwards = list(forwards)
    total = sum(each["weight"] for each in forwards)
    for each in forwards:
        row = known.get(each["target_group"])
        yield WeightLine(
            name=target_group_name(each["target_group"]),
            href=target_group_link(row) if row else "",
            weight=each["weight"],
            percent=100 * each["weight"] / total if total else 0.0,
        )


def _targets(listed: Iterable[Target]) -> Iterator[TargetLine]:
    """The troubled first."""
    lines = (_target(each.health, each.instance) for each in listed)
    yield from sorted(lines, key=lambda line: (WORST_FIRST[line.state.kind], line.group, line.id))


def _target(target: TargetHealth, row: Instance | None) -> TargetLine:
    group = row.group if row else None
    where = [row.environment.name, row.region, row.instance_id] if row else []
    return TargetLine(
        id=target.id,
        href=reverse("console:instance", args=where) if row else "",
        port=target.port,
        state=State(TARGETS.get(target.state, "fail"), target.state),
        reason=target.description or target.reason,
        group=group.name if group else "",
        group_href=reverse("console:group", args=[*where[:2], group.name]) if group else "",
    )


def _group(group: Group) -> str:
    return reverse("console:group", args=[group.environment.name, group.region, group.name])
