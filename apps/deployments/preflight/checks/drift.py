"""Whether the instances that serve are what their group's launch template would launch now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from apps.cloud.aws import ec2
from apps.deployments.errors import Finding
from apps.deployments.preflight.base import Looked, check
from apps.workflows.counting import instances

RESOLVED = "resolve:ssm:"  # instead of an AMI id: what it stands for may change at any time


@check("drift", "whether the instances that serve are what their launch template would launch now")
def drift(looked: Looked) -> Iterator[Finding]:
    """Warns where the next group would differ from what serves by more than the image."""
    yield from _versions(looked)
    yield from _types(looked)
    yield from _images(looked)


def _versions(looked: Looked) -> Iterator[Finding]:
    template, name = looked.template, looked.serving.name
    others = Counter(
        member.launch_template.version
        for member in looked.serving.in_service
        if member.launch_template
        and member.launch_template.version.isdecimal()
        and (member.launch_template.id, member.launch_template.version) != (template.id, str(template.version))
    )
    if not others:
        return
    run = " and ".join(f"{count} from version {version}" for version, count in sorted(others.items()))
    given = looked.serving.launch_template.version if looked.serving.launch_template else ""
    moved = f", which {given} stands for now" if given.startswith("$") else ""
    text = (
        f"Of {instances(len(looked.serving.in_service))} of {name}, {run} of its launch template were launched; the "
        f"next group is made from version {template.version}{moved}, so it may differ in more than the image. Compare "
        f"the versions of {template.name}; set the group back to the one that runs if the change is not meant."
    )
    yield Finding("warn", "drift-version", text, "LaunchTemplate")


def _types(looked: Looked) -> Iterator[Finding]:
    present = {member.instance_type for member in looked.serving.in_service if member.instance_type}
    others = sorted(present - set(looked.types))
    if looked.types and others:
        text = (
            f"{looked.serving.name} runs on {', '.join(others)}, and the next group would launch "
            f"{' or '.join(looked.types)}. Set the type in the launch template if that is not meant."
        )
        yield Finding("warn", "drift-type", text, "InstanceType")


def _images(looked: Looked) -> Iterator[Finding]:
    wanted, name = looked.template.image_id, looked.serving.name
    if wanted.startswith(RESOLVED) or not looked.serving.in_service:
        return
    serving = {member.id for member in looked.serving.in_service}
    found = looked.read.once("instances", lambda: ec2.describe_instances(looked.target, serving))
    others = Counter(instance.image_id for instance in found if instance.image_id not in {"", wanted})
    if others:
        run = ", ".join(f"{count} of {len(serving)} run {image}" for image, count in sorted(others.items()))
        text = (
            f"Not all of {name} is what its launch template names: {run}, the template names {wanted}. A rollback "
            f"returns to {name} as it is, and replaces an instance by the template's image."
        )
        yield Finding("warn", "drift-image", text, "ImageId")
