"""What the options of an operation are now, read from AWS for whoever is about to change them."""

from __future__ import annotations

from collections.abc import Mapping

from apps.cloud.aws import autoscaling, pace, scaling
from apps.cloud.aws.together import together
from apps.cloud.values import GroupExtras
from apps.deployments.operations import Operation
from apps.inventory.models import Group


@pace.patiently()
def current_options(group: Group, operation: Operation, part: str = "") -> Mapping[str, str]:
    """In words, by option; `part` is the instance, policy or schedule that is named by now.

    One call, of policies and schedules one more side by side. Raises NotFound when the group is gone, and other
    CloudErrors.
    """
    target, name = group.environment.target(group.region), group.name
    with together() as ask:
        reading = ask(autoscaling.describe_group, target, name)
        policies = ask(scaling.describe_policies, target, name) if operation.of == "policy" else None
        schedules = ask(scaling.describe_schedules, target, name) if operation.of == "schedule" else None
        extras = GroupExtras(
            scaling_policies=policies.result() if policies else (),
            scheduled_actions=schedules.result() if schedules else (),
        )
        return operation.current(reading.result(), extras, part)
