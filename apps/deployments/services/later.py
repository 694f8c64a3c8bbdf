"""Planning a deployment that waited for its turn: under its run's lease, from fresh reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from apps.cloud.aws.observe import observe
from apps.deployments.errors import Invalid
from apps.deployments.freezes import unless_made_since
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.deployments.services.start import fill
from apps.workflows.context import Context
from apps.workflows.plans import Failed, Outcome, Planned


def planned(deployment: Deployment, context: Context, look: Callable[[], Preview]) -> Planned | Outcome:
    """The steps that `look` finds; Failed with what speaks against it, which ends the deployment unbegun."""
    try:
        with observe(lambda call: context.renew()):
            preview = unless_made_since(deployment.created_at, look().letting_through(deployment.overrides))
    except Invalid as error:
        return Failed(str(error))
    if preview.refusals:
        return Failed(" ".join(finding.text for finding in preview.refusals))
    return Planned(preview.steps, also=(partial(fill, deployment, preview),))
