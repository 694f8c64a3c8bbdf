"""The steps that give the next group what the serving one has beside its creation; none where it has nothing of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.deployments import user_data
from apps.deployments.carry import configuration, mixed, policies, settings
from apps.deployments.digests import digests
from apps.deployments.errors import Finding
from apps.deployments.situation import Situation
from apps.deployments.strategies.parts import Where, where
from apps.workflows.plans import PlannedStep


def findings(situation: Situation) -> Iterator[Finding]:
    """What speaks against carrying over what the serving group has, or should be known before."""
    serving = situation.serving_group
    if serving is None:
        return
    if situation.configuration:
        yield from configuration.findings(situation.configuration)
    yield from mixed.findings(serving)
    yield from policies.findings(situation.extras.scaling_policies, situation.alarms, serving.name)
    yield from settings.findings(serving, situation.extras)


def follows(situation: Situation) -> bool:
    """Whether the serving group's own policies say how many instances it needs."""
    return any(policy.get("Enabled", True) for policy in situation.extras.scaling_policies)


def create_template(situation: Situation, new: str) -> Iterator[PlannedStep]:
    """The step that makes a launch template for the next group out of the launch configuration that serves, if any."""
    if situation.configuration is None or situation.template is None or situation.image is None:
        return
    given = situation.configuration["LaunchConfigurationName"]
    name = user_data.launch_template(situation)
    told = user_data.params(situation, new)
    image = f"ImageId {situation.template.image_id} → {situation.image.id}{user_data.words(situation, new)}"
    yield PlannedStep(
        "create-template",
        f"Create the launch template {name}",
        {
            **where(situation),
            "template": name,
            "configuration": given,
            "image": situation.image.id,
            "token": situation.token,
            "members": digests(situation.template.data),
            **told,
        },
        (f"CreateLaunchTemplate: {name} out of the launch configuration {given}, {image}",),
        expected_seconds=1,
    )


def carry_over(situation: Situation, new: str) -> Iterator[PlannedStep]:
    """What is to be there before the first instance starts: the group scales by itself from the beginning."""
    serving = situation.serving_group
    if serving is None:
        return
    described, extras = situation.extras.scaling_policies, situation.extras
    processes, _ = settings.suspended(serving)
    params: dict[str, Any] = {
        "notifications": settings.notifications(extras),
        "metrics": settings.metrics(serving),
        "processes": processes,
        "policies": policies.policies(described, serving.name, new),
        "alarms": policies.alarms(described, situation.alarms, serving.name, new),
        "arns": policies.arns(described),
        "schedules": settings.schedules(extras),
    }
    changes = (
        *(
            f"PutNotificationConfiguration: {', '.join(types)} to {topic}"
            for topic, types in params["notifications"].items()
        ),
        *(f"EnableMetricsCollection: {', '.join(names)}" for names in params["metrics"].values()),
        *_suspending(processes, new),
        *(f"PutScalingPolicy: {each['PolicyName']} ({each.get('PolicyType')})" for each in params["policies"]),
        *(f"PutMetricAlarm: {each['AlarmName']}" for each in params["alarms"]),
        *(f"PutScheduledUpdateGroupAction: {each['ScheduledActionName']}" for each in params["schedules"]),
    )
    title = f"Let {new} scale and report as {serving.name} does"
    yield from _step("carry-over", title, where(situation), new, params, changes)


def carry_rest(situation: Situation, new: str, *, serves: bool = True) -> Iterator[PlannedStep]:
    """What the group gets only once it serves; one that stands by then does not get what would keep it from that."""
    serving = situation.serving_group
    if serving is None:
        return
    processes = settings.suspended(serving)[1] if serves else []
    pool, protection = settings.warm_pool(serving), settings.protection(serving)
    changes = (
        *((f"PutWarmPool: {new}, like that of {serving.name}",) if pool else ()),
        *((f"UpdateAutoScalingGroup: {new} DeletionProtection {protection}",) if protection else ()),
        *_suspending(processes, new),
    )
    params = {"warm_pool": pool, "protection": protection, "processes": processes}
    title = f"Give {new} what else {serving.name} has"
    yield from _step("carry-rest", title, where(situation), new, params, changes)


def _step(
    kind: str, title: str, place: Where, group: str, params: Mapping[str, Any], changes: tuple[str, ...]
) -> Iterator[PlannedStep]:
    if changes:
        yield PlannedStep(kind, title, {**place, "group": group, **params}, changes, expected_seconds=1)


def _suspending(processes: list[str], new: str) -> tuple[str, ...]:
    return (f"SuspendProcesses: {', '.join(processes)} of {new}",) if processes else ()
