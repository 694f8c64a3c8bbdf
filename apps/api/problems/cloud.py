"""What AWS did not answer, or refused, as a problem."""

from __future__ import annotations

from apps.api.problems.kinds import CloudRefused, CloudSilent, Problem
from apps.cloud.errors import CloudError


def of_cloud(error: CloudError) -> Problem:
    """503 where it is worth trying again, else 502."""
    call = f" ({error.operation})" if error.operation else ""
    if error.retryable:
        return CloudSilent(f"AWS does not answer at the moment{call}: {error}. Nothing was changed.")
    return CloudRefused(f"AWS refused a call{call}: {error}. Nothing was changed.")
