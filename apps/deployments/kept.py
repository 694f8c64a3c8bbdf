"""Which groups stand by for a rollback, and until when."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from apps.deployments.models import Deployment, KeptGroup
from apps.workflows.models import Borrowed


def keep(run_id: int, name: str, arn: str, hours: float | None) -> None:
    """Notes that a group stands by, for some hours or (None) until the next push; once, however often it is called."""
    deployment = Deployment.objects.get(run_id=run_id)
    until = Now() + timedelta(hours=hours) if hours else None
    KeptGroup.objects.update_or_create(
        arn=arn,
        ended_at=None,
        defaults={"name": name, "cluster_id": deployment.cluster_id, "deployment": deployment, "until": until},
    )


def end_kept(arn: str) -> None:
    """The group serves again or is gone."""
    KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).update(ended_at=Now())


def reopen_kept(arn: str) -> None:
    """The group stands by after all: what ended its keeping was undone."""
    last = KeptGroup.objects.filter(arn=arn).first()
    if last and last.ended_at and not KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).exists():
        KeptGroup.objects.filter(pk=last.pk).update(ended_at=None)


def put_off(arn: str) -> None:
    """AWS does not delete the group now: clean-ups try again in an hour."""
    KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).update(until=Now() + timedelta(hours=1))


def close_gone(kept: KeptGroup, resource: str) -> None:
    """Somebody deleted a kept group: nothing is left to return to, nor to give back what was borrowed from it."""
    with transaction.atomic():
        end_kept(kept.arn)
        Borrowed.objects.filter(resource=resource, repaid_at__isnull=True).update(repaid_at=Now())
