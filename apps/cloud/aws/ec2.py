"""EC2: instances, AMIs, instance types, and launch templates."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from apps.cloud.aws.ec2_shapes import image_state, instance_state, type_shape
from apps.cloud.aws.ec2_shapes import template_version as as_version
from apps.cloud.aws.launch_templates import (
    add_launch_template_version,
    create_launch_template,
    create_launch_template_version,
    delete_launch_template,
    delete_launch_template_versions,
    describe_launch_template_versions,
    describe_launch_templates,
    describe_newest_versions,
    find_launch_template,
    launch_template_version,
    resolve_version,
)
from apps.cloud.aws.resting import collector_resting
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import Shape, chunks
from apps.cloud.errors import Invalid, NotFound
from apps.cloud.values import ImageState, InstanceState, InstanceTypeFacts, Target

__all__ = [
    "add_launch_template_version",
    "architectures",
    "as_version",
    "create_launch_template",
    "create_launch_template_version",
    "delete_launch_template",
    "delete_launch_template_versions",
    "describe_images",
    "describe_instances",
    "describe_launch_template_versions",
    "describe_launch_templates",
    "describe_newest_versions",
    "find_image",
    "find_launch_template",
    "launch_template_version",
    "launchable_image",
    "resolve_version",
    "type_facts",
]

SERVICE = "ec2"
PAGE = 1000  # the most instances and images one call answers
FILTER_VALUES = 200  # the most values of one filter
TYPES_PER_CALL = 100

_types: dict[str, InstanceTypeFacts] = {}
_types_lock = threading.Lock()


def describe_instances(
    target: Target,
    ids: Iterable[str] | None = None,
    *,
    groups: Iterable[str] | None = None,
    security_groups: Iterable[str] | None = None,
) -> tuple[InstanceState, ...]:
    """The instances with these ids (those AWS no longer knows are left out), or else those of these groups, or with
    these security groups (ids), or all of the region.

    Terminated instances are answered too, for about an hour.
    """
    with collector_resting():
        if ids is not None:
            shapes = _by_ids(target, sorted(set(ids)))
        elif groups is not None:
            shapes = _of_any(target, "tag:aws:autoscaling:groupName", groups)
        elif security_groups is not None:
            shapes = _of_any(target, "instance.group-id", security_groups)
        else:
            shapes = _filtered(target)
        return tuple(instance_state(shape) for shape in shapes)


def describe_images(target: Target, ids: Iterable[str] | None = None) -> tuple[ImageState, ...]:
    """The AMIs with these ids that the account may see (others are left out); else those it owns or was given.

    "Given" means launch permission for this account by name; public ones are not listed, but are found by id.
    """
    if ids is not None:
        batches = chunks(sorted(set(ids)), FILTER_VALUES)
        return tuple(image for batch in batches for image in _images(target, Filters=[_filter("image-id", batch)]))
    own = _images(target, Owners=["self"])
    # an emulator may answer public ones here; AWS does not
    given = [image for image in _images(target, ExecutableUsers=["self"]) if not image.public]
    return tuple({image.id: image for image in (*given, *own)}.values())


def find_image(target: Target, image_id: str) -> ImageState | None:
    """One AMI; None where the account sees none."""
    return next(iter(describe_images(target, [image_id])), None)


def launchable_image(target: Target, image_id: str) -> ImageState:
    """The AMI, if the account may launch from it in this region.

    Raises NotFound when there is none or it was not shared with the account: AWS tells neither from the other.
    Raises Invalid for text that is no AMI id. The caller looks at `state` and `architecture`.
    """
    images = call(target, SERVICE, "DescribeImages", ImageIds=[image_id])["Images"]
    if not images:
        raise NotFound(f"There is no AMI {image_id} that this account may launch.", operation="DescribeImages")
    return image_state(images[0])


def architectures(target: Target, instance_types: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Processor architectures of each instance type (`x86_64`, `arm64`, ...); raises Invalid for an unknown type."""
    return {name: facts.architectures for name, facts in type_facts(target, instance_types).items()}


def type_facts(target: Target, instance_types: Iterable[str]) -> dict[str, InstanceTypeFacts]:
    """What AWS says of each instance type; raises Invalid for an unknown one.

    Kept for the life of the process: AWS never changes it.
    """
    wanted = sorted(set(instance_types))
    missing = [name for name in wanted if name not in _types]
    for batch in chunks(missing, TYPES_PER_CALL):
        answer = call(target, SERVICE, "DescribeInstanceTypes", InstanceTypes=batch)
        with _types_lock:
            _types.update({shape["InstanceType"]: type_shape(shape) for shape in answer["InstanceTypes"]})
    unknown = [name for name in wanted if name not in _types]
    if unknown:
        raise Invalid(f"There is no instance type {', '.join(unknown)} here.", operation="DescribeInstanceTypes")
    return {name: _types[name] for name in wanted}


def _images(target: Target, **parameters: object) -> list[ImageState]:
    answers = pages(target, SERVICE, "DescribeImages", MaxResults=PAGE, **parameters)
    return [image_state(shape) for answer in answers for shape in answer["Images"]]


def _filter(name: str, values: Sequence[str]) -> dict[str, object]:
    return {"Name": name, "Values": list(values)}


def _by_ids(target: Target, ids: Sequence[str]) -> list[Shape]:
    found: list[Shape] = []
    for batch in chunks(ids, PAGE):
        try:
            answer = call(target, SERVICE, "DescribeInstances", InstanceIds=batch)
            found += _instances([answer])
        except NotFound:
            # one id AWS no longer knows fails the whole call; a filter passes over it
            for few in chunks(batch, FILTER_VALUES):
                found += _filtered(target, "instance-id", few)
    return found


def _of_any(target: Target, name: str, values: Iterable[str]) -> list[Shape]:
    return [shape for few in chunks(sorted(set(values)), FILTER_VALUES) for shape in _filtered(target, name, few)]


def _filtered(target: Target, name: str = "", values: Sequence[str] = ()) -> list[Shape]:
    filters = [_filter(name, values)] if name else None
    return _instances(pages(target, SERVICE, "DescribeInstances", Filters=filters, MaxResults=PAGE))


def _instances(answers: Iterable[Mapping[str, list[Shape]]]) -> list[Shape]:
    return [shape for answer in answers for reservation in answer["Reservations"] for shape in reservation["Instances"]]
