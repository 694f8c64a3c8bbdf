"""The page of one instance from rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.events import event_lines
from apps.console.build.history import place_of
from apps.console.build.instances import KINDS
from apps.console.build.operations import on_instance
from apps.console.pages.common import State
from apps.console.pages.instance import InstancePage, TargetLine
from apps.console.words import instant
from apps.events.selectors import of_instance
from apps.inventory.models import Image, Instance
from apps.inventory.selectors import lists
from apps.inventory.selectors.links import log_link
from apps.inventory.selectors.words import Condition, condition, target_group_name

EVENTS = 20
TARGETS = {"healthy": "serve", "initial": "move", "draining": "move", "unused": "rest"}


def instance_page(row: Instance, user: User) -> InstancePage:
    """Needs the group with its cluster, application and environment loaded, as `lists.instances` does."""
    group, said, environment = row.group, condition(row), row.environment
    cluster = group.cluster if group else None
    image = lists.images_by_id(environment, row.region, {row.image_id}).get(row.image_id)
    if group:
        group.environment = environment  # one that is loaded: the forms' addresses name it
    events = of_instance(environment.name, row.region, cluster.name if cluster else "", row.instance_id)[:EVENTS]
    return InstancePage(
        place=place_of(cluster) if cluster else None,
        environment=environment.name,
        region=row.region,
        id=row.instance_id,
        group=group.name if group and not group.gone_at else "",
        sentence=_sentence(row, said),
        targets=tuple(_targets(row.target_health)),
        facts=tuple(_facts(row, image)),
        beside=tuple(_beside(row, image)),
        tags=tuple(sorted(row.tags.items())),
        launched_at=row.launched_at,
        logs=log_link(row),
        events=event_lines(events),
        read_at=row.read_at,
        actions=on_instance(group, row.instance_id, user) if not row.gone_at else (),
        blocked=missing_role(user, Role.OPERATOR),
        gone=bool(row.gone_at),
    )


def _sentence(row: Instance, said: Condition) -> State:
    if row.gone_at is None:
        return State(KINDS[said.word], f"{row.instance_id} is {said.word}. {said.reason}".strip())
    last = f"When it was last seen, it was {said.word}. {said.reason}".strip()
    return State("rest", f"{row.instance_id} is gone since {instant(row.gone_at)}. {last}")


def _targets(health: Mapping[str, Mapping[str, str]]) -> Iterator[TargetLine]:
    for source, found in sorted(health.items()):
        state = State(TARGETS.get(found["state"], "fail"), found["state"])
        yield TargetLine(target_group_name(source), state, found["description"] or found["reason"])


def _facts(row: Instance, image: Image | None) -> Iterator[tuple[str, str]]:
    version = image.version if image else ""
    if row.gone_at and row.group:
        yield "It was of", row.group.name
    yield "State in EC2", row.state
    yield "State in its group", " ".join(filter(None, [row.lifecycle_state, row.health_status])) or "in no group"
    yield "AMI", " ".join(filter(None, [row.image_id, f"({version})" if version else ""])) or "unknown"
    yield "Launch template", _template(row)
    yield "Type", row.instance_type or "unknown"
    yield "Zone", row.zone or "unknown"
    yield "Private address", row.private_ip or "none"
    yield "Protected from scale-in", "yes" if row.protected else "no"
    yield from _launched_with(row.details)


def _template(row: Instance) -> str:
    """By its name, else its id, and the version."""
    template = row.details.get("LaunchTemplate", {})
    name = template.get("LaunchTemplateName") or template.get("LaunchTemplateId")
    version = f"version {row.launch_template_version}" if row.launch_template_version else ""
    return ", ".join(filter(None, [name, version])) or "unknown"


def _launched_with(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What it was launched with, where that is known."""
    for name, member in (("Key pair", "KeyName"), ("Subnet", "SubnetId"), ("VPC", "VpcId")):
        if details.get(member):
            yield name, details[member]
    groups = [f"{each['GroupName']} ({each['GroupId']})" for each in details.get("SecurityGroups", ())]
    if groups:
        yield "Security groups", ", ".join(groups)
    if profile := details.get("IamInstanceProfile", {}).get("Arn"):
        yield "Instance profile", profile.rpartition("/")[2]


def _beside(row: Instance, image: Image | None) -> Iterator[tuple[str, str]]:
    """Its AMI and its launch template, where something is known of them."""
    if image:
        yield f"AMI {image.version or image.image_id}", reverse("console:image", args=[image.image_id])
    template = row.details.get("LaunchTemplate", {})
    if template.get("LaunchTemplateId"):
        where = [row.environment.name, row.region, template["LaunchTemplateId"]]
        name = template.get("LaunchTemplateName") or template["LaunchTemplateId"]
        yield f"Launch template {name}", reverse("console:launch-template", args=where)
