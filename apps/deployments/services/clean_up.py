"""Deleting kept groups whose time is over, each under its cluster's lock, as a deployment of its own."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from apps.cloud.errors import CloudError
from apps.deployments import gather
from apps.deployments.errors import Busy, Refused
from apps.deployments.freezes import freezes_on
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.requests import Preview
from apps.deployments.services.start import Asked, last_of, refuse_if_busy, start
from apps.deployments.strategies.parts import delete_group

log = logging.getLogger(__name__)

ACTOR = "deployconsole"
LONGEST_PAUSE = 64  # hours between tries to delete a group that AWS will not delete


def start_due_clean_ups() -> int:
    """Starts the deletion of every kept group whose time is over; a busy cluster waits its turn. Answers how many.

    So does a cluster that is frozen. A group whose deletion failed is tried again after an hour, then after two, four
    and so on.
    """
    due = KeptGroup.objects.filter(ended_at__isnull=True, until__lte=Now()).select_related(
        "cluster__environment", "cluster__application"
    )
    return sum(_start(kept) for kept in due if not freezes_on(kept.cluster).exists())


def _start(kept: KeptGroup) -> bool:
    cluster = kept.cluster
    place = {"environment": cluster.environment.name, "region": cluster.region, "cluster": cluster.name}
    seen = last_of(cluster)
    try:
        refuse_if_busy(cluster)
        step = delete_group(place, gather.situation(cluster), kept.name, kept.arn, final=False)
        asked = Asked(Deployment.Kind.CLEAN_UP, cluster, ACTOR, f"{kept.name} was kept until {kept.until:%F %R} UTC")
        start(asked, Preview(f"Delete {kept.name}", (step,), from_group=kept.name), seen, lambda: _put_off(kept))
    except (Busy, Refused, CloudError) as error:
        log.info("clean-up of %s waits: %s", kept.name, error)
        return False
    return True


def strike_off(kept: KeptGroup, *, actor: str, reason: str) -> None:
    """Has a kept group struck off that AWS does not show: under the lock, and only once it surely is gone.

    What else goes on in the cluster, or stands against it, leaves that to the next push.
    """
    cluster = kept.cluster
    place = {"environment": cluster.environment.name, "region": cluster.region, "cluster": cluster.name}
    seen = last_of(cluster)
    title = f"Strike {kept.name} off, if it is gone"
    step = delete_group(place, gather.situation(cluster), kept.name, kept.arn, final=False)
    step = replace(step, title=title, changes=(), params={**step.params, "if_gone": True})
    asked = Asked(Deployment.Kind.CLEAN_UP, cluster, actor, reason)
    with contextlib.suppress(Busy, Refused):
        start(asked, Preview(title, (step,), from_group=kept.name), seen)


def _put_off(kept: KeptGroup) -> None:
    """When to try again, should this fail: written as it begins, so that no way of failing forgets it."""
    pause = timedelta(hours=min(2**kept.tries, LONGEST_PAUSE))
    KeptGroup.objects.filter(pk=kept.pk).update(until=Now() + pause, tries=F("tries") + 1)
