"""What the janitor of an environment keeps to: set by administrators, recorded."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction

from apps.events.services import record
from apps.images.errors import Invalid
from apps.images.models import JanitorRules
from apps.inventory.models import Environment
from apps.workflows.options import OptionSpec, option, parse, specs

NEEDED = "Say why: a change of the janitor's rules is recorded with its reason."


@dataclass(frozen=True)
class RuleFields:
    """What can be set, described as options of strategies are: forms, schemas and checks derive from it."""

    active: bool = option(
        False, "Mark and delete", "Switched off, nothing is marked nor deleted: the page shows what would be."
    )
    unused_days: int = option(
        30, "AMI unused for", "Since it was last seen in use anywhere.", minimum=3, maximum=3650, unit="days"
    )
    never_used_days: int = option(
        14, "AMI never used for", "Since it was made, if nothing ever used it.", minimum=3, maximum=3650, unit="days"
    )
    newest: int = option(
        5,
        "Newest that stay",
        "AMIs of each application and region, and of each launch template the versions that pushes made.",
        minimum=2,
        maximum=1000,
    )
    keep_bases: bool = option(True, "Keep bases", "An AMI stays while one that was made upon it is used.")
    snapshot_days: int = option(
        7, "Snapshot left behind for", "Since its AMI was first missed.", minimum=1, maximum=3650, unit="days"
    )
    version_days: int = option(
        30, "Launch template version older than", "Of those that pushes made.", minimum=3, maximum=3650, unit="days"
    )
    group_days: int = option(
        7, "Disabled group kept for", "Since its push took its traffic away.", minimum=1, maximum=3650, unit="days"
    )
    grace_days: int = option(7, "Grace", "Between mark and deletion.", minimum=1, maximum=365, unit="days")
    most_a_round: int = option(10, "Deletions a round", "At most, the oldest first.", minimum=1, maximum=150)


def rule_fields() -> tuple[OptionSpec, ...]:
    """What can be set, with its bounds, for forms and schemas."""
    return specs(RuleFields)


def set_rules(environment: Environment, *, actor: str, reason: str, **given: Any) -> JanitorRules:
    """Changes the rules given and leaves the others. Raises Invalid naming each that is wrong, or the reason."""
    _check(given, reason)
    with transaction.atomic():
        Environment.objects.select_for_update().get(pk=environment.pk)  # two first changes come one after the other
        row = JanitorRules.objects.filter(environment=environment).first() or JanitorRules(environment=environment)
        before = _values(row)
        after = {**before, **given}
        if before == after:
            return row
        for name, value in given.items():
            setattr(row, name, value)
        row.changed_by = actor
        row.save()
        words = [f"{name} {before[name]} → {value}" for name, value in after.items() if value != before[name]]
        record(
            "janitor.rules_changed",
            actor=actor,
            subject=environment.name,
            summary=f"{actor} changed the janitor's rules of {environment.name}: {', '.join(words)}",
            reason=reason,
            before=before,
            after=after,
            environment=environment.name,
        )
    return row


def _check(given: dict[str, Any], reason: str) -> None:
    errors: dict[str, list[str]] = {}
    try:
        parse(RuleFields, given)
    except Invalid as error:
        errors |= {name.removeprefix("options."): texts for name, texts in error.errors.items()}
    if not reason.strip():
        errors["reason"] = [NEEDED]
    if errors:
        raise Invalid(errors)


def _values(row: JanitorRules) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(RuleFields)}
