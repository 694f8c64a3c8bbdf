"""Keeping a resource from the janitor, and letting it have it again."""

from __future__ import annotations

import re

from django.db import transaction

from apps.events.services import record
from apps.images.errors import Invalid
from apps.images.janitor import all_kinds
from apps.images.janitor import kind as kind_of
from apps.images.models import Keep, Mark
from apps.images.services.janitor.life import unmark
from apps.inventory.models import Environment

LONGEST = 300


def keep(environment: str, region: str, kind: str, resource: str, *, actor: str, reason: str = "") -> Keep:
    """Keeps a resource; its mark, if it has one that is not carried out yet, is taken away. Once kept, answers that.

    Raises Invalid, by field. The resource need not be known; `note` of the answer tells that it is not, or who kept it
    before.
    """
    where = _place(environment, region, kind, resource)
    with transaction.atomic():
        row, made = Keep.objects.get_or_create(
            environment=where,
            region=region,
            kind=kind,
            resource=resource.strip(),
            defaults={"actor": actor, "reason": reason.strip()},
        )
        if made:
            row.refresh_from_db()
            _tell("janitor.kept", row, f"{actor} keeps the {kind} {row.resource} from the janitor.", actor, reason)
        marks = Mark.objects.select_for_update(of=("self",)).filter(
            environment__account_id=where.account_id,
            region=region,
            kind=kind,
            resource=row.resource,
            state__in=("marked", "notified"),
        )
        for mark in marks:
            unmark(mark, f"{actor} keeps it.")
    row.note = _note(row) if made else f"{row.actor} keeps it already{f': {row.reason}' if row.reason else '.'}"
    return row


def _note(row: Keep) -> str:
    if kind_of(row.kind).knows(row.environment, row.region, row.resource):
        return ""
    where = f"{row.environment.name} {row.region}"
    return f"No {row.kind} {row.resource} is known in {where}, so make sure of its name; it is kept all the same."


def end_keep(pk: int, *, actor: str) -> None:
    """The janitor may mark it again. Raises Keep.DoesNotExist."""
    with transaction.atomic():
        row = Keep.objects.select_for_update().select_related("environment").get(pk=pk)
        _tell("janitor.keep_ended", row, f"{actor} no longer keeps the {row.kind} {row.resource}.", actor, "")
        row.delete()


def _place(environment: str, region: str, kind: str, resource: str) -> Environment:
    errors: dict[str, list[str]] = {}
    where = Environment.objects.filter(name=environment).first()
    if where is None:
        errors["environment"] = [f"There is no environment {environment}."]
    elif region not in where.regions:
        errors["region"] = [f"{environment} has no region {region}; it has {', '.join(where.regions)}."]
    if kind not in all_kinds():
        errors["kind"] = [f"{kind!r} is none of {', '.join(all_kinds())}."]
    elif resource.strip() and not re.fullmatch(all_kinds()[kind].shape, resource.strip()):
        errors["resource"] = [f"{resource.strip()} names no {kind}: name it as {all_kinds()[kind].example}."]
    if not resource.strip() or len(resource) > LONGEST:
        errors["resource"] = [f"Name it in 1 to {LONGEST} characters."]
    if errors or where is None:
        raise Invalid(errors)
    return where


def _tell(what: str, row: Keep, summary: str, actor: str, reason: str) -> None:
    record(
        what,
        actor=actor,
        subject=row.resource[:255],
        summary=summary,
        reason=reason,
        after={"kind": row.kind},
        environment=row.environment.name,
        region=row.region,
    )
