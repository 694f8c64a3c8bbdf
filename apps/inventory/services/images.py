"""AMIs that groups and instances run, read at once when no row tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from apps.cloud.aws import ec2
from apps.cloud.errors import CloudError
from apps.cloud.values import ImageState
from apps.inventory.models import Environment, Group, Image, Instance
from apps.inventory.services import rows
from apps.inventory.services.clock import database_time
from apps.inventory.services.locks import writing
from apps.inventory.services.reconcile import Fields, Read, reconcile


def images_run(environment: Environment, region: str) -> set[str]:
    """The ids of the AMIs that groups launch and instances run here."""
    here = Q(environment=environment, region=region, gone_at__isnull=True) & ~Q(image_id="")
    groups = Group.objects.filter(here).order_by().values_list("image_id", flat=True).distinct()
    instances = Instance.objects.filter(here).order_by().values_list("image_id", flat=True).distinct()
    return {*groups, *instances}


def image_rows(environment: Environment, images: Iterable[ImageState], *, listed: bool) -> dict[str, Fields]:
    """Columns by AMI id; `listed` as rows.image_fields takes it."""
    account = environment.account_id
    return {each.id: rows.image_fields(each, account=account, listed=listed) for each in images}


def learn_images(environment: Environment, region: str, ids: Iterable[str]) -> int:
    """Reads those AMIs that have no row yet, in one call as a rule; the rows written.

    What cannot be read stays unknown until the next region-wide read says more.
    """
    wanted = set(ids)
    known = Image.objects.filter(environment=environment, region=region, image_id__in=wanted)
    missing = wanted - set(known.values_list("image_id", flat=True))
    if not missing:
        return 0
    began = database_time()
    try:
        images = ec2.describe_images(environment.target(region), missing)
    except CloudError:
        return 0
    found = image_rows(environment, images, listed=False)
    with writing(environment, region):
        return reconcile(Image, Read(environment, region, began, found, covers=Q(image_id__in=list(found))))


def relearn_images(environment: Environment, region: str, ids: Iterable[str]) -> int:
    """Reads AMIs that were shared with the environment's account, or are so no more; the rows written.

    Those that the account does not see are marked gone. Raises CloudError.
    """
    wanted, began = set(ids), database_time()
    found = image_rows(environment, ec2.describe_images(environment.target(region), wanted), listed=True)
    with writing(environment, region):
        return reconcile(Image, Read(environment, region, began, found, covers=Q(image_id__in=wanted)))
