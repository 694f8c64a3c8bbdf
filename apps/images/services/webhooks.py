"""Webhooks: making and revoking them, and taking in what they bring."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.events.services import record
from apps.images.errors import Invalid
from apps.images.models import Build, Webhook
from apps.images.reported import Reported, ReportedOfCommit
from apps.images.services.builds import report_build, report_gates
from apps.images.webhooks.base import Headers, all_formats
from apps.inventory.models import Application

NOTED_EVERY = timedelta(minutes=1)


class NotSigned(Exception):
    """What came is not signed with the webhook's secret."""


@dataclass(frozen=True)
class Received:
    """What a delivery came to: the builds that it told of, and a sentence."""

    builds: tuple[Build, ...]
    says: str


@transaction.atomic
def create_webhook(application: str, format_slug: str, *, actor: str) -> tuple[Webhook, str]:
    """Makes a webhook; returns the row, and its secret to be shown this once. Raises Invalid naming the field."""
    row = Application.objects.filter(name=application).first()
    wrong = {}
    if row is None:
        wrong["application"] = f"There is no application {application!r}."
    if format_slug not in all_formats():
        wrong["format"] = f"There is no format {format_slug!r}; known are {', '.join(all_formats())}."
    if row is None or wrong:
        raise Invalid({field: [text] for field, text in wrong.items()})
    made = Webhook.objects.create(
        application=row, format=format_slug, secret=secrets.token_urlsafe(32), created_by=actor
    )
    record(
        "webhook.created",
        actor=actor,
        subject=f"webhook {made.pk}",
        summary=f"{actor} made {made} for builds of the application {application}.",
        after={"application": application, "format": format_slug},
    )
    return made, made.secret


@transaction.atomic
def revoke_webhook(pk: int, *, actor: str) -> Webhook:
    """Ends a webhook at once. Doing it twice is harmless. Raises Webhook.DoesNotExist."""
    row = Webhook.objects.select_related("application").get(pk=pk)
    if Webhook.objects.filter(pk=pk, revoked_at__isnull=True).update(revoked_at=Now()):
        record(
            "webhook.revoked",
            actor=actor,
            subject=f"webhook {pk}",
            summary=f"{actor} revoked {row} for builds of the application {row.application.name}.",
            before={"application": row.application.name, "format": row.format},
        )
    row.refresh_from_db(fields=["revoked_at"])
    return row


def verified(pk: int, headers: Headers, body: bytes) -> Webhook:
    """The webhook of this number, if what came is signed with its secret. Notes the use, at most once a minute.

    Raises Webhook.DoesNotExist where there is none or it is revoked, NotSigned.
    """
    row = Webhook.objects.select_related("application").get(pk=pk, revoked_at__isnull=True)
    if not all_formats()[row.format].signed(body, headers, row.secret):
        raise NotSigned
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - NOTED_EVERY)
    Webhook.objects.filter(stale, pk=pk).update(last_used_at=Now())
    return row


@transaction.atomic
def take_in(hook: Webhook, headers: Headers, payload: Any) -> Received:
    """Records what a verified delivery tells; sent again, it changes nothing. Raises Invalid naming the member."""
    heard = all_formats()[hook.format].read(hook.application.name, headers, payload)
    builds = tuple(build for told in heard.told for build in _recorded(told, actor=str(hook)))
    return Received(builds, heard.says or _sentence(builds))


def _recorded(told: Reported | ReportedOfCommit, *, actor: str) -> tuple[Build, ...]:
    if isinstance(told, ReportedOfCommit):
        return report_gates(told, actor=actor)
    return (report_build(told, actor=actor)[0],)


def _sentence(builds: tuple[Build, ...]) -> str:
    if not builds:
        return "Kept until something that was built of this commit is reported."
    return f"Recorded: {', '.join(map(str, builds))}."
