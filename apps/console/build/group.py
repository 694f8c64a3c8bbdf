"""The page of one group from rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.urls import reverse

from apps.accounts.models import User
from apps.console.build.cluster import stale_words
from apps.console.build.columns import Standing, columns, standing_of
from apps.console.build.events import event_lines, suspensions
from apps.console.build.group_details import as_text
from apps.console.build.history import place_of
from apps.console.build.instances import KINDS, ORDER
from apps.console.build.keeps import keep_actions, keep_words
from apps.console.build.operations import on_group, on_instance
from apps.console.build.rates import rates
from apps.console.pages.common import Action, State
from apps.console.pages.group import GroupPage, InstanceLine
from apps.deployments.selectors import record_of
from apps.events.selectors import of_subject
from apps.images.models import Keep
from apps.images.selectors.janitor import keeps
from apps.inventory.models import Group, Image, Instance
from apps.inventory.selectors import lists
from apps.inventory.selectors.clusters import GroupView, group_view
from apps.inventory.selectors.links import log_link
from apps.inventory.selectors.words import condition, target_group_name

EVENTS = 20


def group_page(row: Group, user: User) -> GroupPage:
    """Everything the page shows of rows; the number of queries does not depend on how many instances it has."""
    view, age = group_view(row)
    cluster, environment = row.cluster, row.environment
    standing = standing_of(cluster, record_of(cluster), [row.name]) if cluster else Standing({})
    metrics = rates(environment, row.region, [row.name])
    (column,) = columns([view], metrics, standing)
    events = of_subject(environment.name, row.region, cluster.name if cluster else "", row.name)[:EVENTS]
    version = f"{column.version}, " if column.version else ""
    kept = _kept(row) if row.name in standing.kept else []  # the janitor takes only what stands by
    return GroupPage(
        place=place_of(cluster) if cluster else None,
        environment=environment.name,
        region=row.region,
        name=row.name,
        sentence=State(column.state.kind, f"{row.name} {_does(column.state.word)}: {version}{column.health_words}."),
        actions=on_group(row, user, often=True),
        further=(*on_group(row, user, often=False), *_keeping(row, user, kept, standing)),
        instances=_instances(view, row, user),
        facts=(*_facts(view, row), *(("Janitor", keep_words(each)) for each in kept)),
        beside=tuple(_beside(row)),
        settings=tuple((name, as_text(value)) for name, value in sorted(row.details.items())),
        tags=tuple(sorted(row.tags.items())),
        suspended=tuple(suspensions(row)),
        borrowed=column.borrowed,
        events=event_lines(events),
        read_at=age.read_at,
        stale_words=stale_words(age, environment.name, row.region),
    )


def _keeping(row: Group, user: User, kept: list[Keep], standing: Standing) -> list[Action]:
    if row.name not in standing.kept:
        return []
    return keep_actions("group", (row.environment.name, row.region), row.name, kept, user)


def _kept(row: Group) -> list[Keep]:
    return list(keeps().filter(environment=row.environment, region=row.region, kind="group", resource=row.name))


def _does(word: str) -> str:
    """ "serves" as it is; "kept for rollback until 18:00" is "is kept for rollback until 18:00"."""
    if word == "traffic unknown":
        return "takes an unknown share of the traffic"
    if word == "no traffic":
        return "takes no traffic"
    return word if word.startswith(("serves", "stands")) else f"is {word}"


def _instances(view: GroupView, row: Group, user: User) -> tuple[InstanceLine, ...]:
    others = {each.image_id for each in view.instances} - {row.image_id}
    images = lists.images_by_id(row.environment, row.region, others)
    drawn = [_instance(each, row, images, user) for each in view.instances]
    return tuple(sorted(drawn, key=lambda line: (-ORDER[line.state.word], line.id)))  # the troubled first


def _instance(instance: Instance, row: Group, images: Mapping[str, Image], user: User) -> InstanceLine:
    said, image = condition(instance), images.get(instance.image_id)
    other = instance.image_id != row.image_id
    return InstanceLine(
        id=instance.instance_id,
        state=State(KINDS[said.word], said.word),
        reason=said.reason,
        zone=instance.zone,
        type=instance.instance_type,
        image=((image.version if image else "") or instance.image_id) if other else "",
        template_version=instance.launch_template_version,
        address=instance.private_ip,
        protected=instance.protected,
        launched_at=instance.launched_at,
        logs=log_link(instance),
        actions=tuple(each for each in on_instance(row, instance.instance_id, user) if not each.blocked),
    )


def _facts(view: GroupView, row: Group) -> Iterator[tuple[str, str]]:
    yield "Min / desired / max", f"{row.min_size} / {row.desired} / {row.max_size}"
    yield "AMI", " ".join(filter(None, [row.image_id, f"({view.version})" if view.image else ""])) or "unknown"
    template = row.launch_template_name or row.launch_template_id
    yield "Launch template", f"{template}, version {row.launch_template_version}" if template else "none"
    yield "Instance type", row.instance_type or "unknown"
    yield "Takes traffic from", _sources(row.traffic_sources) or "nothing"
    yield "Health check", row.health_check_type or "EC2"
    yield "Zones", ", ".join(row.zones) or "none"
    if row.status:
        yield "Status", row.status


def _beside(row: Group) -> Iterator[tuple[str, str]]:
    """Its launch template, and the target groups that it is attached to."""
    where = [row.environment.name, row.region]
    if row.launch_template_id:
        name = row.launch_template_name or row.launch_template_id
        yield f"Launch template {name}", reverse("console:launch-template", args=[*where, row.launch_template_id])
    for each in row.traffic_sources:
        if each["identifier"].startswith("arn:"):
            name = target_group_name(each["identifier"])
            yield f"Target group {name}", reverse("console:target-group", args=[*where, name])


def _sources(sources: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(target_group_name(each["identifier"]) for each in sources)
