"""Whether the next group's name is free, by one more read: the list the plan was made from may have been late."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import autoscaling
from apps.deployments.errors import Finding
from apps.deployments.preflight.base import Looked, check


@check("name", "whether the next group's name is free", first=True)
def name_is_free(looked: Looked) -> Iterator[Finding]:
    """Refuses a name that a group has, also one that is being deleted."""
    name = looked.preview.to_group
    if name == looked.serving.name:
        return
    for group in autoscaling.describe_groups(looked.target, [name]):
        says = f"is being deleted ({group.status})" if group.status else "exists already"
        mend = "Wait until it is gone, then ask again." if group.status else "Ask again: the next number is taken then."
        yield Finding("refuse", "name-taken", f"{name} {says}. {mend}", name)
