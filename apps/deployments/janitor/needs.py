"""Who needs AMIs among deployments, and when nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Exists, OuterRef

from apps.cloud.naming import parse
from apps.deployments.freezes import on, sentence
from apps.deployments.models import Deployment, Freeze, KeptGroup
from apps.deployments.way_back import TOOK_EFFECT
from apps.images.janitor.base import holds, needs
from apps.inventory.models import Group
from apps.workflows.states import ACTIVE


@needs
def of_deployments() -> Mapping[str, str]:
    """What deployments under way go to and come from, what a rollback goes back to, and what kept groups launch."""
    found: dict[str, str] = {}
    for image, name in _kept():
        found[image] = f"{name} launches it, and stands by for a rollback."
    moved = Deployment.objects.filter(TOOK_EFFECT, kind__in=Deployment.MOVES).order_by("cluster_id", "-pk")
    for row in moved.distinct("cluster_id").select_related("cluster__environment"):
        where = f"{row.cluster.name} in {row.cluster.environment.name}"
        found[row.from_image] = f"A rollback of {where} goes back to it."
        found[row.to_image] = f"It was the last to be put into {where}."
    for row in Deployment.objects.filter(run__state__in=ACTIVE).select_related("cluster"):
        for image in (row.from_image, row.to_image):
            found[image] = f"{row} needs it, and is under way."
    found.pop("", None)
    return found


def _kept() -> list[tuple[str, str]]:
    standing = KeptGroup.objects.filter(ended_at__isnull=True, cluster=OuterRef("cluster"), name=OuterRef("name"))
    rows = Group.objects.filter(Exists(standing), gone_at__isnull=True).exclude(image_id="")
    return list(rows.values_list("image_id", "name"))


@holds
def by_freezes(environment: str, application: str) -> str:
    """The sentence of a freeze that is on there, for everything or for that application."""
    for freeze in on().filter(environment__in=("", environment)):
        concerned = _application(freeze)
        if not concerned or concerned == application:
            return sentence(freeze)
    return ""


def _application(freeze: Freeze) -> str:
    named = parse(freeze.cluster) if freeze.cluster else None
    return freeze.application or (named.app if named else "")
