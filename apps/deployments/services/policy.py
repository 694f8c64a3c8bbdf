"""How a cluster is to be changed: its traffic driver, and what changes must leave healthy. Set by people, recorded."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from django.db import transaction

from apps.deployments import drivers
from apps.deployments.errors import Invalid
from apps.deployments.models import ClusterPolicy
from apps.deployments.selectors import policy_of
from apps.events.services import record
from apps.inventory.models import Cluster
from apps.workflows.options import OptionSpec, option, parse, specs

__all__ = ["PolicyFields", "policy_fields", "policy_of", "set_policy"]


@dataclass(frozen=True)
class PolicyFields:
    """What can be set, described as options of strategies are: forms, schemas and checks derive from it."""

    traffic_driver: str = option(
        "", "Traffic driver", "How traffic moves from one group to the next; empty: by what the group is attached to."
    )
    min_healthy_percent: int = option(
        100,
        "Minimum healthy",
        "How much of the load must stay healthy whenever the console takes capacity away.",
        minimum=0,
        maximum=100,
        unit="%",
    )
    min_healthy_percent_per_zone: int = option(
        0,
        "Minimum healthy per zone",
        "The same for each Availability Zone, of its share of the load; 0: zones are not looked at.",
        minimum=0,
        maximum=100,
        unit="%",
    )
    fewest_instances: int | None = option(
        None,
        "Fewest instances",
        "A serving group with fewer is not pushed; empty: as the environment asks for.",
        minimum=1,
        maximum=1000,
    )
    fewest_zones: int | None = option(
        None,
        "Fewest zones",
        "A serving group in fewer Availability Zones is not pushed; empty: as the environment asks for.",
        minimum=1,
        maximum=10,
    )


def policy_fields() -> tuple[OptionSpec, ...]:
    """What can be set, with its bounds and choices, for forms and schemas."""
    choices = (("", "By what the group is attached to"), *((one.slug, one.title) for one in drivers.all().values()))
    return tuple(
        replace(spec, type="choice", choices=choices) if spec.name == "traffic_driver" else spec
        for spec in specs(PolicyFields)
    )


def set_policy(cluster: Cluster, *, actor: str, reason: str, **given: Any) -> ClusterPolicy:
    """Changes the fields given and leaves the others. Raises Invalid naming each field that is wrong, or the reason.

    A change under way keeps the traffic driver that it was planned with.
    """
    _check(given, reason)
    with transaction.atomic():
        policy, made = ClusterPolicy.objects.select_for_update().get_or_create(cluster=cluster)
        before = _values(policy)
        after = {**before, **given}
        if before == after and not made:
            return policy
        for field, value in given.items():
            setattr(policy, field, value)
        policy.changed_by = actor
        policy.save()
        _event(cluster, actor, reason, before, after)
    return policy


def _check(given: dict[str, Any], reason: str) -> None:
    errors: dict[str, list[str]] = {}
    try:
        parse(PolicyFields, given)
    except Invalid as error:
        errors |= {field.removeprefix("options."): texts for field, texts in error.errors.items()}
    driver = given.get("traffic_driver", "")
    if "traffic_driver" not in errors and driver and driver not in drivers.all():
        errors["traffic_driver"] = [f"There is no traffic driver {driver!r}; known are {', '.join(drivers.all())}."]
    if not reason.strip():
        errors["reason"] = ["Say why: a change of policy is recorded with its reason."]
    if errors:
        raise Invalid(errors)


def _values(policy: ClusterPolicy) -> dict[str, Any]:
    return {field.name: getattr(policy, field.name) for field in fields(PolicyFields)}


def _event(cluster: Cluster, actor: str, reason: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    words = [f"{name} {_word(before[name])} → {_word(value)}" for name, value in after.items() if value != before[name]]
    record(
        "cluster.policy_changed",
        actor=actor,
        subject=cluster.name,
        summary=f"{actor} changed the policy of {cluster.name}: {', '.join(words) or 'as by default'}",
        reason=reason,
        before=before,
        after=after,
        environment=cluster.environment.name,
        region=cluster.region,
        cluster=cluster.name,
    )


def _word(value: Any) -> str:
    return "by default" if value in ("", None) else str(value)
