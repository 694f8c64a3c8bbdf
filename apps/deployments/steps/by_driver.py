"""What the steps share that the cluster's traffic driver carries out, in part or wholly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.deployments import drivers
from apps.deployments.steps.base import CloudStep


class DriverStep(CloudStep):
    """A step that calls, beside what it declares itself, what its driver declares."""

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return (*self.calls, *drivers.get(params.get("driver", drivers.SHARED)).calls)
