"""Removes the rows of resources that have been gone for a while."""

from __future__ import annotations

from datetime import timedelta

from apps.inventory.models import (
    Environment,
    Group,
    Image,
    Instance,
    LaunchTemplate,
    LoadBalancer,
    Synced,
    TargetGroup,
)
from apps.inventory.services.clock import database_time

KEPT = timedelta(days=14)  # long enough to look a dead instance up after a holiday


MODELS: tuple[type[Synced], ...] = (Instance, Group, LaunchTemplate, TargetGroup, LoadBalancer, Image)


def forget_gone() -> int:
    """Removes what has been gone for KEPT; the number of rows removed."""
    before = database_time() - KEPT
    return sum(model.objects.filter(gone_at__lt=before).delete()[0] for model in MODELS)


def forget_regions(environment: Environment) -> None:
    """Marks gone what was read in regions the environment no longer names: nobody reads it any more."""
    now = database_time()
    for model in MODELS:
        rows = model.objects.filter(environment=environment, gone_at__isnull=True)
        rows.exclude(region__in=environment.regions).update(gone_at=now, read_at=now)
    environment.sync_states.exclude(region__in=environment.regions).delete()
