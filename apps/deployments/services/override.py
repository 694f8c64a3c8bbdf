"""Overriding what holds a deployment that is under way: the traffic guard, with a reason."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from apps.deployments import guard
from apps.deployments.errors import CannotCancel, Finding
from apps.deployments.models import Deployment
from apps.deployments.requests import refuse_unfounded
from apps.deployments.selectors import held_by
from apps.deployments.services.start import tell_overridden
from apps.workflows import services as workflows
from apps.workflows.models import Run


def override(deployment_id: int, codes: Collection[str], *, actor: str, reason: str) -> Deployment:
    """Lets a deployment under way, or its undo, go on against the guard's objections of these codes, from now on.

    Without codes, against those that hold it now. Recorded with the reason. Raises Invalid; CannotCancel where it has
    ended, or nothing holds it that is not named.
    """
    with transaction.atomic():
        rows = Deployment.objects.select_related("run", "cluster__environment")
        Run.objects.select_for_update().get(pk=rows.get(pk=deployment_id).run_id)  # first, as whoever plans it does
        deployment = rows.get(pk=deployment_id)
        if deployment.run.ended:
            raise CannotCancel(f"{deployment.run.name.capitalize()} has ended; nothing holds it.")
        codes = tuple(codes) or held_by(deployment)
        if not codes:
            raise CannotCancel(f"The traffic guard does not hold {deployment.run.name}.")
        refuse_unfounded(codes, reason, tuple(guard.CODES))
        new = sorted({*codes} - {*deployment.overrides})
        deployment.overrides = [*deployment.overrides, *new]
        deployment.save(update_fields=["overrides"])
        tell_overridden(deployment, [Finding("overridden", code, guard.CODES[code]) for code in new], actor, reason)
        workflows.look_now(deployment.run_id)
    return deployment
