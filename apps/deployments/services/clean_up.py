"""Deleting kept groups whose time is over, each under its cluster's lock, as a deployment of its own."""

from __future__ import annotations

import logging

from django.db.models.functions import Now

from apps.cloud.errors import CloudError
from apps.deployments import gather
from apps.deployments.errors import Busy
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.requests import Preview
from apps.deployments.services.start import Asked, start
from apps.deployments.strategies.parts import delete_group

log = logging.getLogger(__name__)

ACTOR = "deployconsole"


def start_due_clean_ups() -> int:
    """Starts the deletion of every kept group whose time is over; a busy cluster waits its turn. Answers how many."""
    due = KeptGroup.objects.filter(ended_at__isnull=True, until__lte=Now()).select_related("cluster__environment")
    return sum(_start(kept) for kept in due)


def _start(kept: KeptGroup) -> bool:
    cluster = kept.cluster
    place = {"environment": cluster.environment.name, "region": cluster.region, "cluster": cluster.name}
    try:
        step = delete_group(place, gather.situation(cluster), kept.name, kept.arn)
        asked = Asked(Deployment.Kind.CLEAN_UP, cluster, ACTOR, f"{kept.name} was kept until {kept.until:%F %R} UTC")
        start(asked, Preview(f"Delete {kept.name}", (step,), from_group=kept.name))
    except (Busy, CloudError) as error:
        log.info("clean-up of %s waits: %s", kept.name, error)
        return False
    return True
