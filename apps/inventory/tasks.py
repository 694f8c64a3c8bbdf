"""The inventory's work in the background."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from apps.inventory import services
from apps.inventory.models import Environment


@shared_task(name="inventory.sync_all")
def sync_all() -> None:
    """One sync a region of every environment, and the rows of what is long gone removed."""
    services.forget_gone()
    for environment in Environment.objects.all():
        for region in environment.regions:
            sync_region.apply_async((environment.pk, region), expires=settings.SYNC_SECONDS)


@shared_task(name="inventory.sync_region")
def sync_region(environment_id: int, region: str) -> None:
    """One region, unless a sync of it goes on already."""
    services.sync_region(Environment.objects.get(pk=environment_id), region)


@shared_task(name="inventory.refresh_cluster")
def refresh_cluster(environment: str, region: str, cluster: str, groups: tuple[str, ...] = ()) -> None:
    """One cluster, by the environment's name; `groups` names those no row tells of yet."""
    services.refresh_cluster(Environment.objects.get(name=environment), region, cluster, groups)
