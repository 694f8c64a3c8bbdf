"""Instances as squares."""

from __future__ import annotations

from collections.abc import Iterable

from apps.console.pages.cluster import Square
from apps.inventory.models import Instance
from apps.inventory.selectors.words import condition

KINDS = {"healthy": "serve", "starting": "move", "draining": "move", "stopped": "rest", "unhealthy": "fail"}
ORDER = {"healthy": 0, "starting": 1, "draining": 2, "stopped": 3, "unhealthy": 4}


def squares(instances: Iterable[Instance]) -> tuple[Square, ...]:
    """Healthy first, troubled last; within that by id, so that squares do not jump about."""
    drawn = [square(instance) for instance in instances]
    return tuple(sorted(drawn, key=lambda each: (ORDER[each.health], each.id)))


def square(instance: Instance) -> Square:
    said = condition(instance)
    return Square(instance.instance_id, instance.zone, said.word, said.reason)
