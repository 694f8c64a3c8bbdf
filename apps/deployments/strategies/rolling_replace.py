"""In-place rolling replacement: the serving group's own instances are replaced, a few at a time, new before old."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from apps.cloud.values import GroupState, LaunchTemplateVersion
from apps.deployments import user_data
from apps.deployments.carry.settings import warm_pool
from apps.deployments.errors import Finding, overridable
from apps.deployments.health import healthy_everywhere
from apps.deployments.preflight import push_findings
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation, version_of
from apps.deployments.strategies.base import Strategy, register
from apps.deployments.strategies.parts import delete_older_group, replace_instances, soak, template_version, where
from apps.deployments.strategies.push_options import PushOptions, check, check_alarms
from apps.workflows.counting import are, instances
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

TOO_FEW_HEALTHY = overridable("too-few-healthy")


@dataclass(frozen=True)
class Options(PushOptions):
    """What can be chosen for a rolling replacement."""

    surge_percent: float = option(
        25.0,
        "At a time",
        "How many instances are added, and then replaced, at a time; at least one.",
        minimum=0,
        maximum=100,
        unit="%",
    )


def plan(situation: Situation, options: Options) -> Preview:
    """What a push would do, and what speaks against it."""
    findings = (*push_findings(situation, other_application=options.other_application), *_in_place(situation))
    serving, template = situation.serving_group, situation.template
    to_version = version_of(situation.image)
    sentence = f"Push {to_version} to {situation.cluster}"
    if serving is None or template is None or situation.image is None:
        return Preview(sentence, (), findings, to_version=to_version)
    findings = (*findings, *check_alarms(situation, options))
    size = len(serving.in_service)
    return Preview(
        sentence=f"{sentence}, replacing {instances(size)} of {serving.name}, {_batch(size, options)} at a time",
        steps=tuple(_steps(situation, options, serving, template)),
        findings=findings,
        from_group=serving.name,
        to_group=serving.name,
        from_version=version_of(situation.from_image),
        to_version=to_version,
        from_image=situation.from_image.id if situation.from_image else template.image_id[:32],
        to_image=situation.image.id,
        from_size=size,
        to_size=size,
        user_data=user_data.change(situation, serving.name),
    )


def _steps(
    situation: Situation, options: Options, serving: GroupState, template: LaunchTemplateVersion
) -> Iterator[PlannedStep]:
    yield template_version(situation, template, serving.name)
    source = {"template": template.id, "version": str(template.version)}
    wanted = {"template": template.id, "version": ""}  # that of the step before
    batch = _batch(len(serving.in_service), options)
    yield replace_instances(situation, serving, wanted, source, batch, options.healthy_within_seconds)
    if options.soak_seconds:
        yield soak(where(situation), options, serving.name)
    for kept in situation.kept:
        yield delete_older_group(where(situation), situation, kept.name, kept.arn)


def _batch(size: int, options: Options) -> int:
    return max(1, math.floor(size * options.surge_percent / 100))


def _in_place(situation: Situation) -> Iterator[Finding]:
    """What speaks against replacing in place only."""
    serving = situation.serving_group
    if serving is None:
        return
    if warm_pool(serving):
        text = "It has a warm pool, whose instances are of the old version and would be started as new ones."
        yield Finding(
            "refuse", "warm-pool", f"{text} Delete the pool first, or push red/black.", "WarmPoolConfiguration"
        )
    if situation.configuration:
        text = "It launches from a launch configuration, which cannot be changed."
        yield Finding("refuse", "launch-configuration", f"{text} Push red/black once.", "LaunchConfigurationName")
    if serving.suspended:
        text = f"{', '.join(sorted(serving.suspended))} is suspended, so instances would not be replaced."
        yield Finding(
            "refuse", "suspended-processes", f"{text} Resume it first, or push red/black.", "SuspendedProcesses"
        )
    policy = serving.raw.get("MixedInstancesPolicy") or {}
    overrides = policy.get("LaunchTemplate", {}).get("Overrides", ())
    if any("LaunchTemplateSpecification" in each for each in overrides):
        text = "Its mixed instances policy has overrides with launch templates of their own."
        yield Finding("refuse", "override-templates", f"{text} Push red/black instead.", "MixedInstancesPolicy")
    yield from _few_healthy(situation, serving)


def _few_healthy(situation: Situation, serving: GroupState) -> Iterator[Finding]:
    """An instance is ended only once enough are healthy in every target group: one that is of no use stops it all."""
    health = {source: situation.health.get(source, ()) for source in serving.registered_with}
    good = len(healthy_everywhere(serving, health))
    if good < serving.desired:
        wants = serving.desired
        text = f"{good} of {instances(wants)} of {serving.name} {are(wants)} healthy in every target group."
        mend = "Mend those that are not, or detach a target group that no listener uses; or push red/black."
        yield Finding("refuse", TOO_FEW_HEALTHY, f"{text} {mend}", "TargetGroupARNs")


ROLLING_REPLACE = register(
    Strategy(
        slug="rolling-replace",
        title="Rolling replacement in place",
        summary="Replaces the group's own instances a few at a time, new before old: for what cannot run twice.",
        options_type=Options,
        plan=plan,
        check=check,
    )
)
