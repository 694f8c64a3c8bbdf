"""What may be done to a group by hand: what each operation's options are now, and why nothing can be done now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.cloud.aws import autoscaling, pace, scaling
from apps.cloud.aws.together import together
from apps.cloud.values import GroupExtras
from apps.deployments.freezes import told_of_freezes
from apps.deployments.models import Deployment
from apps.deployments.operations import Operation
from apps.deployments.requests import Preview
from apps.deployments.services.start import told_if_busy
from apps.inventory.models import Group


def current_options(group: Group, operation: Operation, part: str = "") -> Mapping[str, str]:
    """In words, by option; `part` is the policy or schedule that is named by now. As `current_of_each`."""
    return current_of_each(group, [operation], {operation.of: part})[operation.slug]


@pace.patiently()
def current_of_each(
    group: Group, chosen: Iterable[Operation], parts: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    """What the options of these operations are now, in words: by operation and option.

    `parts` are the names of a policy and a schedule, by these words, to tell of those; else which there are is told.
    One call, for policies and schedules one more each side by side; none where none of the operations tells anything.
    Raises NotFound when the group is gone, and other CloudErrors.
    """
    chosen = list(chosen)
    of = {each.of for each in chosen if each.tells_current}
    if not of:
        return {each.slug: {} for each in chosen}
    target, name = group.environment.target(group.region), group.name
    with together() as ask:
        reading = ask(autoscaling.describe_group, target, name)
        policies = ask(scaling.describe_policies, target, name) if "policy" in of else None
        schedules = ask(scaling.describe_schedules, target, name) if "schedule" in of else None
        state = reading.result()
        extras = GroupExtras(
            scaling_policies=policies.result() if policies else (),
            scheduled_actions=schedules.result() if schedules else (),
        )
    return {each.slug: each.current(state, extras, parts.get(each.of, "")) for each in chosen}


def why_not_now(group: Group) -> str:
    """Why nothing can be done to a group by hand now, as far as our own records tell; empty where something may.

    What AWS has against a single operation is told by its preview.
    """
    if group.cluster is None:
        return f"{group.name} does not follow the naming pattern of groups; such a group is shown, and left alone."
    cluster = group.cluster
    cluster.environment = group.environment  # read already
    held = told_if_busy(cluster, Preview("", ()), queue=False)
    found = told_of_freezes(Deployment.Kind.CHANGE, cluster, held)
    return " ".join(finding.text for finding in found.refusals)
