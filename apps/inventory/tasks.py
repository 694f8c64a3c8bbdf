"""The inventory's work in the background."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from apps.inventory import services
from apps.inventory.models import Environment
from apps.workflows.services.nudge import send


@shared_task(name="inventory.sync_all")
def sync_all() -> None:
    """One sync a region of every environment, and the rows of what is long gone removed."""
    services.forget_gone()
    for environment in Environment.objects.all():
        for region in environment.regions:
            sync_region.apply_async((environment.pk, region), expires=settings.SYNC_SECONDS)


@shared_task(name="inventory.sync_region")
def sync_region(environment_id: int, region: str) -> None:
    """One region's pages, unless a sync of it goes on already; then the next of what AWS tells one by one."""
    if services.sync_region(Environment.objects.get(pk=environment_id), region):
        send("inventory.read_one_by_one", environment_id, region)


@shared_task(name="inventory.read_one_by_one")
def read_one_by_one(environment_id: int, region: str) -> None:
    """A round of what AWS tells a resource at a time, unless another goes on."""
    services.read_one_by_one(Environment.objects.get(pk=environment_id), region)


@shared_task(name="inventory.sync_versions")
def sync_versions() -> None:
    """A round of all versions of launch templates, a region of an environment each."""
    for environment in Environment.objects.all():
        for region in environment.regions:
            sync_versions_of.apply_async((environment.pk, region), expires=settings.JANITOR_SECONDS)


@shared_task(name="inventory.sync_versions_of")
def sync_versions_of(environment_id: int, region: str) -> None:
    """One region's next templates, unless another round of it goes on."""
    services.read_template_versions(Environment.objects.get(pk=environment_id), region)


@shared_task(name="inventory.refresh_cluster")
def refresh_cluster(environment: str, region: str, cluster: str, groups: tuple[str, ...] = ()) -> None:
    """One cluster, by the environment's name; `groups` names those that no row may tell of yet."""
    wait = services.refresh_soon(Environment.objects.get(name=environment), region, cluster, groups)
    _come_again(environment, region, wait)


@shared_task(name="inventory.refresh_wanted")
def refresh_wanted(environment: str, region: str) -> None:
    """The clusters that were asked for while another round went on, or too soon after it."""
    cache.delete(_coming(environment, region))
    wait = services.refresh_wanted(Environment.objects.get(name=environment), region)
    _come_again(environment, region, wait)


def _come_again(environment: str, region: str, wait: float) -> None:
    """Sends one further round after `wait` seconds, however many ask for it meanwhile."""
    if wait > 0 and cache.add(_coming(environment, region), True, timeout=5):
        refresh_wanted.apply_async((environment, region), countdown=wait, expires=60)


def _coming(environment: str, region: str) -> str:
    """The cache's key that says: a further round is on its way, and will see what is asked for until it begins."""
    return f"inventory-refresh-{environment}-{region}"
