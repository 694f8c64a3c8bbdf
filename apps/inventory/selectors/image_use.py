"""Where AMIs are used, and in which environments they are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from apps.inventory.models import Group, Image, Instance
from apps.inventory.selectors import lists

Does = Literal["serves", "fails", "runs", "stands by", "is empty"]
WEIGHT: tuple[Does, ...] = ("serves", "fails", "runs", "stands by", "is empty")  # the weightiest first


@dataclass(frozen=True)
class Use:
    """A group that launches an AMI, with its environment and cluster; and what it does."""

    group: Group
    does: Does


def uses(ids: Collection[str]) -> dict[str, tuple[Use, ...]]:
    """The groups that launch each AMI, the weightiest first. 2 queries, however many AMIs and groups.

    What fills a group's row and is not shown of it here is not loaded.
    """
    groups = lists.groups().filter(image_id__in=ids).defer("details", "tags", "suspended", "zones")
    states = _states(ids)
    found: dict[str, list[Use]] = {image_id: [] for image_id in ids}
    for group in groups:
        found[group.image_id].append(Use(group, _does(group, states[group.pk])))
    return {image_id: tuple(sorted(each, key=lambda use: WEIGHT.index(use.does))) for image_id, each in found.items()}


def known_in(ids: Collection[str]) -> dict[str, tuple[Image, ...]]:
    """The rows of each AMI, one an environment that knows it, by its name. 1 query."""
    found: dict[str, list[Image]] = defaultdict(list)
    for row in lists.images().filter(image_id__in=ids).order_by("environment__name", "region", "id"):
        found[row.image_id].append(row)
    return {image_id: tuple(found[image_id]) for image_id in ids}


def running(image_id: str) -> QuerySet[Instance]:
    """The instances that run an AMI that their group no longer launches, or that are in no group."""
    return lists.instances().filter(image_id=image_id).exclude(group__image_id=image_id)


def _states(ids: Collection[str]) -> defaultdict[int | None, set[tuple[str, str]]]:
    """What target groups say of the instances of groups that launch these AMIs: each source with a state, once."""
    members = Instance.objects.filter(lists.HERE, group__image_id__in=ids, group__gone_at__isnull=True).order_by()
    found: defaultdict[int | None, set[tuple[str, str]]] = defaultdict(set)
    for group, health in members.values_list("group_id", "target_health").distinct():  # most of a group say the same
        found[group].update((source, each["state"]) for source, each in health.items())
    return found


def _does(group: Group, told: Collection[tuple[str, str]]) -> Does:
    """By the target groups that list its instances as healthy."""
    attached = {each["identifier"] for each in group.traffic_sources}
    states = {state for source, state in told if source in attached}
    if "healthy" in states:
        return "serves"
    if "unhealthy" in states:
        return "fails"
    if not group.instance_count:
        return "is empty"
    return "runs" if attached and not states else "stands by"  # no target group was asked yet, or lists it
