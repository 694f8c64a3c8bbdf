"""Reading the user data that a push brought, or would bring: it may hold secrets, so each look is recorded."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from apps.cloud.aws import ec2, scaling
from apps.cloud.errors import CloudError
from apps.cloud.values import Target
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.deployments.services.push import preview_push
from apps.deployments.user_data import PARAM
from apps.events.services import record
from apps.inventory.models import Cluster
from apps.workflows.models import Step

# steps that make what instances launch from: of a push, and of a scaffold's first group
_BRINGS = Q(params__has_key=PARAM) | Q(params__part__settings__has_key=PARAM)


@dataclass(frozen=True)
class Texts:
    """User data before and after. `number` is the version of the template; `problem` says why `before` is missing."""

    number: int
    before: str = field(repr=False)
    after: str = field(repr=False)
    problem: str = ""


def user_data_of(deployment_id: int, *, actor: str) -> Texts | None:
    """What a deployment changed of it, read of its own plan and, what was before, of AWS now; None: it changed nothing.

    Raises Deployment.DoesNotExist.
    """
    found = Deployment.objects.select_related("cluster__environment").get(pk=deployment_id)
    step = Step.objects.filter(_BRINGS, run_id=found.run_id).order_by("position").first()
    if step is None or found.user_data is None:
        return None
    _record(found.cluster, f"user data of {found.run.name}", actor, found.run_id)
    target, problem, before = found.cluster.environment.target(found.cluster.region), "", ""
    try:
        before = _before(target, step.params)
    except CloudError as error:
        problem = f"What was before could not be read: {error}"
    return Texts(found.user_data, before, _after(step.params), problem)


def user_data_of_push(request: PushRequest, *, actor: str) -> Texts | None:
    """What a push would change of it; None: nothing. Raises Invalid, CloudError."""
    change = preview_push(request).user_data
    if change is None:
        return None
    cluster = Cluster.objects.select_related("environment").get(
        environment__name=request.environment, region=request.region, name=request.cluster
    )
    _record(cluster, f"user data that a push of {request.image} to {cluster.name} would bring", actor, None)
    return Texts(change.number, change.before, change.after)


def _after(params: Mapping[str, Any]) -> str:
    return str(params["part"]["settings"][PARAM]) if "part" in params else base64.b64decode(params[PARAM]).decode()


def _before(target: Target, params: Mapping[str, Any]) -> str:
    """The user data of what the launch template, or its version, was made from; empty of one made from nothing."""
    if "part" in params:
        return ""
    if "source_version" in params:
        return ec2.launch_template_version(target, params["template"], params["source_version"]).user_data
    described = scaling.describe_launch_configuration(target, params["configuration"])
    encoded = (described or {}).get("UserData") or ""
    return base64.b64decode(encoded).decode(errors="replace")


def _record(cluster: Cluster, what: str, actor: str, run: int | None) -> None:
    record(
        "user_data.read",
        actor=actor,
        subject=cluster.name,
        summary=f"{actor} read the {what}",
        run=run,
        environment=cluster.environment.name,
        region=cluster.region,
        cluster=cluster.name,
    )
