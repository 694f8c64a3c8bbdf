"""Changing one group by hand: the operations that this console knows, under the lock and the rules of its cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apps.cloud.aws import pace, scaling
from apps.cloud.naming import cluster_of
from apps.deployments import gather, operations, preflight
from apps.deployments.errors import Finding, Invalid
from apps.deployments.freezes import told_of_freezes
from apps.deployments.models import Deployment
from apps.deployments.operations import Operation
from apps.deployments.preflight.checks.production import FEW_INSTANCES
from apps.deployments.preflight.look import fewest
from apps.deployments.requests import ChangeRequest, Preview, refuse_unknown
from apps.deployments.services.later import planned
from apps.deployments.services.push import find_cluster
from apps.deployments.services.reconcile import reconcile
from apps.deployments.services.start import Asked, begin, told_if_busy
from apps.deployments.situation import Situation
from apps.inventory.models import Cluster
from apps.workflows.context import Context
from apps.workflows.counting import instances
from apps.workflows.kinds import planner
from apps.workflows.options import parse
from apps.workflows.plans import Outcome, Planned

SERVED, STOOD_BY = "served-when-asked", "stood-by-when-asked"  # what is noted of what has to wait for its turn


@pace.patiently()
def change(request: ChangeRequest, *, actor: str) -> Deployment:
    """Starts a change. Raises Invalid, Refused, Busy, or CloudError if AWS does not answer; nothing is created then.

    With `queue`, one that finds the cluster busy is stored, and planned once it is free.
    """
    cluster, operation, options = _understood(request)
    asked = Asked.by(actor, request, cluster, options)
    reconcile(cluster)  # nothing is planned from what an ended deployment left changed
    return begin(
        asked,
        lambda: _plan(cluster, operation, options, request.group, note=request.queue),
        lambda: _once_free(cluster, operation, options, request.group),
    )


@pace.patiently()
def preview_change(request: ChangeRequest) -> Preview:
    """What the change would do. Raises Invalid; what speaks against it is among the findings."""
    refuse_unknown(request.overrides)
    cluster, operation, options = _understood(request)
    preview = _plan(cluster, operation, options, request.group).letting_through(request.overrides)
    return told_if_busy(cluster, preview, queue=request.queue)


@planner(Deployment.Kind.CHANGE)
def plan_change(context: Context) -> Planned | Outcome:
    """The plan of a change that waited for its turn, from what is so by now."""
    deployment = Deployment.objects.select_related("cluster__environment", "cluster__application").get(
        run_id=context.run_id
    )
    operation = operations.all()[deployment.operation]
    noted = {finding["code"] for finding in deployment.findings}

    def look() -> Preview:
        options = operation.options_type(**deployment.options)
        return _plan(deployment.cluster, operation, options, deployment.from_group, noted)

    return planned(deployment, context, look)


def _understood(request: ChangeRequest) -> tuple[Cluster, Operation, Any]:
    known = operations.all()
    operation = known.get(request.operation)
    if operation is None:
        text = f"There is no operation {request.operation!r}; known are {', '.join(known)}."
        raise Invalid({"operation": [text]})
    name = cluster_of(request.group)
    if name is None:
        text = f"{request.group!r} does not follow the naming pattern of groups; such a group is shown, and left alone."
        raise Invalid({"group": [text]})
    cluster = find_cluster(request.environment, request.region, name)
    return cluster, operation, parse(operation.options_type, request.options)


def _once_free(cluster: Cluster, operation: Operation, options: Any, name: str) -> Preview:
    """What is stored of a change that waits, with whether its group serves now. Raises Invalid for wrong options."""
    situation = _situation(cluster, operation, name, options)
    group = situation.group(name)
    sentence = f"{operation.title} of {name}"
    try:
        sentence = operation.plan(situation, group, options).sentence if group else sentence
    except Invalid:
        if operation.of != "group":
            raise
        # sizes that do not go with those that a deployment holds now may go with those that come
    return Preview(f"{sentence}, once {cluster.name} is free", (), (_note(situation, name),), from_group=name)


def _note(situation: Situation, name: str) -> Finding:
    """Whether the group serves now: what has to wait for its turn is not done to one that no longer does."""
    code, does = (SERVED, "served") if name in situation.serving else (STOOD_BY, "did not serve")
    return Finding("note", code, f"{name} {does} when this was asked for.", name)


def _plan(
    cluster: Cluster,
    operation: Operation,
    options: Any,
    name: str,
    noted: frozenset[str] | set[str] = frozenset(),
    *,
    note: bool = False,
) -> Preview:
    situation = _situation(cluster, operation, name, options)
    group = situation.group(name)
    if group is None:
        text = f"AWS shows no group {name} in {cluster.environment.name} {cluster.region}."
        return Preview(f"{operation.title}: {name}", (), (Finding("refuse", "no-such-group", text, name),))
    preview = operation.plan(situation, group, options)
    if operation.launches:
        preview = preflight.checked(cluster, situation, preview)
    more = [*_too_few(cluster, situation, name, preview), *_another_by_now(situation, name, noted)]
    more += [_note(situation, name)] if note else []
    return told_of_freezes(Deployment.Kind.CHANGE, cluster, replace(preview, findings=(*preview.findings, *more)))


def _situation(cluster: Cluster, operation: Operation, name: str, options: Any) -> Situation:
    """The cluster now; with the image, or what the group has beyond its describe, where the operation needs that."""
    situation = gather.situation(cluster)
    if operation.launches:
        return _with_image(cluster, situation, options.image)
    if not operation.reads_extras or situation.group(name) is None:
        return situation
    return replace(situation, extras=scaling.describe_extras(cluster.environment.target(cluster.region), name))


def _with_image(cluster: Cluster, situation: Situation, image: str) -> Situation:
    """With the image asked for, or the one that the serving group launches. Raises Invalid."""
    now = situation.template.image_id if situation.template else ""
    if not image and now.startswith(gather.RESOLVED):
        raise Invalid(
            {"options.image": [f"The group that serves launches {now}, resolved at each launch: name the AMI."]}
        )
    if not image and not now:
        return situation
    try:
        return gather.situation(cluster, image=image or now)
    except Invalid as error:
        raise Invalid({f"options.{field}": texts for field, texts in error.errors.items()}) from error


def _too_few(cluster: Cluster, situation: Situation, name: str, preview: Preview) -> Iterator[Finding]:
    """The serving group shall not become smaller than the cluster's policy asks for."""
    least = fewest(cluster).instances
    if name in situation.serving and preview.to_size < min(preview.from_size, least):
        text = (
            f"{name} would serve with {instances(preview.to_size)}, and {cluster.name} shall have {least} at least. "
            "Leave it larger, or change fewest_instances of the cluster's policy."
        )
        yield Finding("refuse", FEW_INSTANCES, text, "fewest_instances")


def _another_by_now(situation: Situation, name: str, noted: frozenset[str] | set[str]) -> Iterator[Finding]:
    """What was asked of the serving group is not done to one that stands by, nor the other way round."""
    serves = name in situation.serving
    if (SERVED in noted and not serves) or (STOOD_BY in noted and serves):
        text = f"{name} no longer serves, as it did when this was asked for."
        if serves:
            text = f"{name} serves by now, which it did not when this was asked for."
        yield Finding("refuse", "another-by-now", f"{text} Look, then ask again.", name)
