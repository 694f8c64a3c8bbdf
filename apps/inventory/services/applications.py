"""Registering applications and saying who answers for them."""

from __future__ import annotations

import string
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from apps.cloud.naming import check_application
from apps.events.services import record
from apps.inventory.models import Application, Group
from apps.inventory.services.validation import Errors, check_tags, shown, take

EDITABLE = frozenset(
    {"owner", "email", "description", "repository_url", "health_check_path", "log_link_template", "tags"}
)
LINK_FIELDS = frozenset({"instance", "group", "cluster", "region", "environment", "address"})


def create_application(name: str, *, actor: str, reason: str = "", **fields: Any) -> Application:
    """Registers an application, or claims one that was only discovered. Raises ValidationError, by field."""
    with transaction.atomic():
        found = Application.objects.select_for_update().filter(name=name, discovered=True).first()
        row = found or Application(name=name)
        row.discovered = False
        take(row, fields, EDITABLE)
        _check(row)
        row.save()
        record(
            "application.created",
            actor=actor,
            subject=row.name,
            summary=f"{actor} registered the application {row.name}.",
            reason=reason,
            after=shown(row, EDITABLE),
        )
    return row


def update_application(name: str, *, actor: str, reason: str = "", **fields: Any) -> Application:
    """Changes the given fields. Raises ValidationError, by field, and Application.DoesNotExist.

    Editing an application that was only discovered claims it. Nothing is recorded when nothing changes.
    """
    with transaction.atomic():
        row = Application.objects.select_for_update().get(name=name)
        before, claimed = shown(row, EDITABLE), row.discovered
        take(row, fields, EDITABLE)
        _check(row)
        after = shown(row, EDITABLE)
        if after == before and not claimed:
            return row
        row.discovered = False
        row.save()
        changed = sorted(name for name in EDITABLE if before[name] != after[name])
        record(
            "application.changed",
            actor=actor,
            subject=row.name,
            summary=f"{actor} changed {', '.join(changed) or 'nothing but claimed it'} of the application {row.name}.",
            reason=reason,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return row


def delete_application(name: str, *, actor: str, reason: str = "") -> None:
    """Forgets an application that runs nowhere. Raises ValidationError while it has groups, and DoesNotExist."""
    with transaction.atomic():
        row = Application.objects.select_for_update().get(name=name)
        groups = Group.objects.filter(cluster__application=row, gone_at__isnull=True)
        standing = list(groups.values_list("name", flat=True)[:3])
        if standing:
            raise ValidationError({"name": [f"{name} still has groups, for instance {', '.join(standing)}."]})
        before = shown(row, EDITABLE)
        try:
            row.clusters.all().delete()
            row.delete()
        except ProtectedError as error:
            raise ValidationError(
                {"name": [f"{name} has deployments or builds on record, which are kept, and it with them."]}
            ) from error
        record(
            "application.deleted",
            actor=actor,
            subject=name,
            summary=f"{actor} deleted the application {name}.",
            reason=reason,
            before=before,
        )


def _check(row: Application) -> None:
    errors = Errors()
    errors.check("name", lambda: check_application(row.name, max_length=255))
    if row.health_check_path and not row.health_check_path.startswith("/"):
        errors.add("health_check_path", "A path begins with /, as /healthz.")
    _check_link(errors, row.log_link_template)
    check_tags(errors, row.tags)
    errors.model(row)
    errors.raise_if_any()


def _check_link(errors: Errors, template: str) -> None:
    if not template:
        return
    try:
        parts = [part[1:] for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError:
        errors.add("log_link_template", "A { has no }, or a } no {.")
        return
    # a width or a conversion has no place in a link, and a large width would fill the memory
    unknown = sorted(name or "" for name, spec, conversion in parts if name not in LINK_FIELDS or spec or conversion)
    if unknown:
        allowed = ", ".join(f"{{{name}}}" for name in sorted(LINK_FIELDS))
        errors.add("log_link_template", f"{{{unknown[0]}}} is not known so; {allowed} are.")
    if not template.startswith(("https://", "http://")):
        errors.add("log_link_template", "A link begins with https:// or http://.")
