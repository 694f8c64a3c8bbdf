"""Looking into an instance: what it printed and was started with may hold secrets, so each look is recorded."""

from __future__ import annotations

from collections.abc import Callable

from apps.cloud.aws import inside
from apps.cloud.values import Target
from apps.events.services import record
from apps.inventory.models import Instance


def console_output(instance: Instance, *, actor: str) -> str:
    """The last 64 KB that it printed. Recorded, whatever AWS answers. Raises CloudError."""
    return _look(instance, actor, "console output", "instance.console_read", inside.console_output)


def user_data(instance: Instance, *, actor: str) -> str:
    """What it was started with. Recorded, whatever AWS answers. Raises CloudError."""
    return _look(instance, actor, "user data", "instance.user_data_read", inside.user_data)


def _look(instance: Instance, actor: str, what: str, kind: str, read: Callable[[Target, str], str]) -> str:
    environment, group = instance.environment, instance.group
    record(
        kind,
        actor=actor,
        subject=instance.instance_id,
        summary=f"{actor} read the {what} of {instance.instance_id}",
        environment=environment.name,
        region=instance.region,
        cluster=group.cluster.name if group and group.cluster else "",
    )
    return read(environment.target(instance.region), instance.instance_id)
