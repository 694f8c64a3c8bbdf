"""Pushing an image to a cluster."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps.cloud.aws import pace
from apps.deployments import gather, preflight, strategies
from apps.deployments.errors import Invalid
from apps.deployments.freezes import told_of_freezes
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview, PushRequest, refuse_unknown
from apps.deployments.services.later import planned
from apps.deployments.services.reconcile import reconcile
from apps.deployments.services.start import Asked, begin, told_if_busy
from apps.deployments.strategies import Strategy
from apps.inventory.models import Cluster, Environment
from apps.workflows.context import Context
from apps.workflows.kinds import planner
from apps.workflows.options import parse
from apps.workflows.plans import Outcome, Planned


@pace.patiently()
def push(request: PushRequest, *, actor: str) -> Deployment:
    """Starts a push. Raises Invalid, Refused, Busy, or CloudError if AWS does not answer; nothing is created then.

    With `queue`, a push that finds the cluster busy is stored, and planned once it is free.
    """
    cluster, strategy, options = _understood(request)
    asked = Asked(
        kind=Deployment.Kind.PUSH,
        cluster=cluster,
        actor=actor,
        reason=request.reason,
        strategy=strategy.slug,
        options=asdict(options),
        overrides=tuple(request.overrides),
        on_failure=request.on_failure,
        queue=request.queue,
    )
    reconcile(cluster)  # nothing is planned from what an ended deployment left changed
    once_free = Preview(f"Push {request.image} to {cluster.name}, once it is free", (), to_image=request.image[:32])
    return begin(asked, lambda: _plan(cluster, strategy, options, request.image), lambda: once_free)


@pace.patiently()
def preview_push(request: PushRequest) -> Preview:
    """What the push would do. Raises Invalid; what speaks against it is among the findings."""
    refuse_unknown(request.overrides)
    cluster, strategy, options = _understood(request)
    preview = _plan(cluster, strategy, options, request.image).letting_through(request.overrides)
    return told_if_busy(cluster, preview, queue=request.queue)


@planner(Deployment.Kind.PUSH)
def plan_push(context: Context) -> Planned | Outcome:
    """The plan of a push that waited for its turn, from what is so by now."""
    deployment = Deployment.objects.select_related("cluster__environment").get(run_id=context.run_id)
    strategy = strategies.all()[deployment.strategy]

    def look() -> Preview:
        return _plan(deployment.cluster, strategy, strategy.options_type(**deployment.options), deployment.to_image)

    return planned(deployment, context, look)


def find_cluster(environment: str, region: str, name: str) -> Cluster:
    """The cluster, if the inventory knows it. Raises Invalid naming the field that is wrong."""
    found = Environment.objects.filter(name=environment).first()
    if found is None:
        known = ", ".join(Environment.objects.values_list("name", flat=True)) or "none"
        raise Invalid({"environment": [f"There is no environment {environment!r}; known are {known}."]})
    if region not in found.regions:
        raise Invalid({"region": [f"{environment} has no region {region!r}; it has {', '.join(found.regions)}."]})
    cluster = Cluster.objects.select_related("environment", "application").filter(
        environment=found, region=region, name=name
    )
    if not cluster:
        raise Invalid({"cluster": [f"There is no cluster {name!r} in {environment} {region}."]})
    return cluster[0]


def _understood(request: PushRequest) -> tuple[Cluster, Strategy, Any]:
    known = strategies.all()
    strategy = known.get(request.strategy)
    if strategy is None:
        text = f"There is no strategy {request.strategy!r}; known are {', '.join(known)}."
        raise Invalid({"strategy": [text]})
    if not request.image:
        raise Invalid({"image": ["Name the AMI to push, as ami-0123456789abcdef0."]})
    cluster = find_cluster(request.environment, request.region, request.cluster)
    options: Any = parse(strategy.options_type, request.options)
    together = strategy.check(options)
    if together:
        raise Invalid({field: [text] for field, text in together.items()})
    return cluster, strategy, options


def _plan(cluster: Cluster, strategy: Strategy, options: Any, image: str) -> Preview:
    situation = gather.situation(cluster, image=image, alarms=options.watched)
    preview = preflight.checked(cluster, situation, strategy.plan(situation, options))
    return told_of_freezes(Deployment.Kind.PUSH, cluster, preview)
