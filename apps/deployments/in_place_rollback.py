"""The plan of rolling a replacement in place back: the same group's instances are replaced by the former version."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import autoscaling, ec2
from apps.cloud.errors import NotFound
from apps.cloud.values import GroupState, LaunchTemplateVersion, Target
from apps.deployments import gather
from apps.deployments.errors import Finding
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.deployments.situation import version_of
from apps.deployments.strategies.parts import replace_instances
from apps.workflows.counting import instances
from apps.workflows.models import Step


def plan(pushed: Deployment) -> Preview:
    """What going back would do; the launch template version it goes to is the one that the push recorded."""
    step = Step.objects.get(run_id=pushed.run_id, kind="replace-instances")
    back = step.params["back"]
    situation = gather.situation(pushed.cluster, template_of=pushed.to_group)
    target = pushed.cluster.environment.target(pushed.cluster.region)
    former = _former(target, back)
    group = situation.group(pushed.to_group)
    findings = tuple(_findings(target, pushed, group, former, situation.serving))
    sentence = f"Roll {situation.cluster} back to {pushed.from_version} in place"
    if group is None or any(finding.final for finding in findings):
        return Preview(sentence, (), findings, to_group=pushed.from_group)
    now = autoscaling.template_of(group)
    present = {"template": now.get("LaunchTemplateId", ""), "version": _number(target, now)}
    batch, within = step.params["batch"], step.params["within"]
    image = gather.seen(target, former)
    size = len(group.in_service)
    return Preview(
        sentence=f"{sentence}, {instances(size)}",
        steps=(replace_instances(situation, group, back, present, batch, within),),
        findings=findings,
        from_group=group.name,
        to_group=group.name,
        from_version=version_of(situation.from_image),
        to_version=version_of(image),
        from_image=situation.from_image.id if situation.from_image else "",
        to_image=image.id if image else "",
        from_size=size,
        to_size=size,
    )


def _former(target: Target, back: dict[str, str]) -> LaunchTemplateVersion | None:
    try:
        return ec2.launch_template_version(target, back["template"], back["version"])
    except NotFound:
        return None


def _number(target: Target, named: dict[str, str]) -> str:
    return str(ec2.resolve_version(target, named["LaunchTemplateId"], named["Version"])) if named else ""


def _findings(
    target: Target,
    pushed: Deployment,
    group: GroupState | None,
    former: LaunchTemplateVersion | None,
    serving: tuple[str, ...],
) -> Iterator[Finding]:
    name = pushed.to_group
    if group is None or group.status:
        yield Finding("refuse", "gone", f"{name} no longer exists, or is being deleted.", name)
        return
    why = gather.why_not_launchable(target, former)
    if why:
        yield Finding("refuse", "cannot-launch", f"{name} cannot go back: {why}", name)
    others = sorted(set(serving) - {name})
    if others:
        text = f"{' and '.join(others)} serves beside {name}; it is not known what to go back from."
        yield Finding("refuse", "others-serve", text)
    elif not serving:
        yield Finding("warn", "nobody-serves", f"No instance of {name} is healthy now.")
