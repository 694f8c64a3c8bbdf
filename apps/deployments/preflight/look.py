"""Asking the checks of a plan, side by side; what cannot be found out is told as unknown, and stops nothing."""

from __future__ import annotations

import contextvars
import logging
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import replace

from apps.cloud.aws import pace
from apps.cloud.errors import CloudError, Denied
from apps.deployments.errors import Finding
from apps.deployments.models import ClusterPolicy
from apps.deployments.preflight import base
from apps.deployments.preflight.base import Check, Fewest, Looked
from apps.deployments.preflight.readings import Readings
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.images.selectors import gates, promotions
from apps.images.selectors.gates import Demanded
from apps.images.selectors.janitor import is_going
from apps.images.selectors.promotions import Origin
from apps.inventory.models import Cluster

log = logging.getLogger(__name__)

WITHIN = 5.0  # seconds that all checks together may take; what is not known by then is told as unknown
AT_ONCE = 8
THREADS = "preflight"  # how the names of its threads begin
PRODUCTION = Fewest(instances=3, zones=2)  # unless the cluster's policy says otherwise
ELSEWHERE = Fewest(instances=1, zones=1)


def checked(cluster: Cluster, situation: Situation, preview: Preview, *, first: bool = False) -> Preview:
    """The preview with what the checks found. A plan without steps is refused already: nothing is asked of it.

    `first`: it makes the cluster's first group, and the situation only supposes one that serves.
    """
    serving, template = situation.serving_group, situation.template
    if serving is None or template is None or not preview.steps:
        return preview
    target = cluster.environment.target(cluster.region)
    asked, origin = _demanded(cluster, situation), _origin(cluster, situation)
    looked = Looked(target, situation, preview, serving, template, fewest(cluster), Readings(), asked, origin)
    return replace(preview, findings=(*preview.findings, *_going(situation), *_ask(looked, first=first)))


def fewest(cluster: Cluster) -> Fewest:
    """How few instances and zones the cluster may have: as its policy says, else as its environment's kind asks for."""
    usual = PRODUCTION if cluster.environment.production else ELSEWHERE
    policy = ClusterPolicy.objects.filter(cluster=cluster.pk).first()
    instances, zones = (policy.fewest_instances, policy.fewest_zones) if policy else (None, None)
    return Fewest(usual.instances if instances is None else instances, usual.zones if zones is None else zones)


def _demanded(cluster: Cluster, situation: Situation) -> Demanded | None:
    image = situation.image
    return gates.demanded(cluster.application_id, image.id, image.tags) if image else None


def _origin(cluster: Cluster, situation: Situation) -> Origin | None:
    image = situation.image
    return promotions.origin(cluster.environment, image.id) if image else None


def _going(situation: Situation) -> Iterator[Finding]:
    """Refuses an image that the janitor has begun to delete."""
    image = situation.image
    if image is not None and is_going(image.id):
        text = f"The janitor is deleting {image.id}. Push another, or bake it again."
        yield Finding("refuse", "image-going", text, "image")


def _ask(looked: Looked, *, first: bool) -> Iterator[Finding]:
    until = time.monotonic() + WITHIN
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=THREADS)
    try:
        with pace.patiently(WITHIN):
            asked = [
                (check, pool.submit(contextvars.copy_context().run, _judge, check, looked))
                for check in base.known()
                if check.first or not first
            ]
        for check, answer in asked:
            yield from _answer(check, answer, until - time.monotonic())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _judge(check: Check, looked: Looked) -> tuple[Finding, ...]:
    return tuple(check.judge(looked))


def _answer(check: Check, answer: Future[tuple[Finding, ...]], seconds: float) -> tuple[Finding, ...]:
    try:
        return answer.result(max(seconds, 0.0))
    except TooLate:
        return (unknown(check, f"AWS did not answer within {WITHIN:g} s. Look again in a moment."),)
    except CloudError as error:
        mend = "Allow the console's role that call, or look yourself." if isinstance(error, Denied) else "Look again."
        return (unknown(check, f"{str(error).rstrip('.')}. {mend}", error.operation),)
    except Exception as error:
        log.exception("the check %s stumbled", check.slug)
        return (unknown(check, f"the check stumbled over {type(error).__name__}: {error}. Look yourself."),)


def unknown(check: Check, why: str, subject: str = "") -> Finding:
    """The finding that a check could not be carried out: never taken for a good answer."""
    return Finding("warn", f"unknown-{check.slug}", f"It is unknown {check.about}: {why}", subject)
