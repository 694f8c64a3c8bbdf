"""The page of one instance from rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.events import event_lines
from apps.console.build.history import place_of
from apps.console.build.instances import KINDS
from apps.console.build.operations import on_instance
from apps.console.pages.common import State
from apps.console.pages.instance import InstancePage, TargetLine
from apps.events.selectors import of_instance
from apps.inventory.models import Instance
from apps.inventory.selectors import lists
from apps.inventory.selectors.links import log_link
from apps.inventory.selectors.words import condition, target_group_name

EVENTS = 20
TARGETS = {"healthy": "serve", "initial": "move", "draining": "move", "unused": "rest"}


def instance_page(row: Instance, user: User) -> InstancePage:
    """Needs the group with its cluster, application and environment loaded, as `lists.instances` does."""
    group, said, environment = row.group, condition(row), row.environment
    cluster = group.cluster if group else None
    if group:
        group.environment = environment  # one that is loaded: the forms' addresses name it
    events = of_instance(environment.name, row.region, cluster.name if cluster else "", row.instance_id)[:EVENTS]
    return InstancePage(
        place=place_of(cluster) if cluster else None,
        environment=environment.name,
        region=row.region,
        id=row.instance_id,
        group=group.name if group else "",
        sentence=State(KINDS[said.word], f"{row.instance_id} is {said.word}. {said.reason}".strip()),
        targets=tuple(_targets(row.target_health)),
        facts=tuple(_facts(row)),
        launched_at=row.launched_at,
        logs=log_link(row),
        events=event_lines(events),
        read_at=row.read_at,
        actions=on_instance(group, row.instance_id, user),
        blocked=missing_role(user, Role.OPERATOR),
    )


def _targets(health: Mapping[str, Mapping[str, str]]) -> Iterator[TargetLine]:
    for source, found in sorted(health.items()):
        state = State(TARGETS.get(found["state"], "fail"), found["state"])
        yield TargetLine(target_group_name(source), state, found["description"] or found["reason"])


def _facts(row: Instance) -> Iterator[tuple[str, str]]:
    images = lists.images_by_id(row.environment, row.region, {row.image_id})
    version = images[row.image_id].version if row.image_id in images else ""
    yield "State in EC2", row.state
    yield "State in its group", " ".join(filter(None, [row.lifecycle_state, row.health_status])) or "in no group"
    yield "AMI", " ".join(filter(None, [row.image_id, f"({version})" if version else ""])) or "unknown"
    yield "Launch template version", row.launch_template_version or "unknown"
    yield "Type", row.instance_type or "unknown"
    yield "Zone", row.zone or "unknown"
    yield "Private address", row.private_ip or "none"
    yield "Protected from scale-in", "yes" if row.protected else "no"
