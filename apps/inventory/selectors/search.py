"""Finding anything by a piece of its name or id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from apps.inventory.models import Application, Cluster
from apps.inventory.selectors import lists

MOST = 8  # of each kind
SHORTEST = 2  # letters: fewer find everything


@dataclass(frozen=True)
class Hit:
    """One thing found. `environment` and `region` are empty for what lies in none; `more` tells it from its like.

    `key` addresses it where its name does not.
    """

    kind: str  # one of FINDERS
    name: str
    environment: str = ""
    region: str = ""
    more: str = ""
    key: str = ""


Found = Iterator[tuple[str, str, str, str]]  # a hit without its kind


def search(words: str) -> tuple[Hit, ...]:
    """What a piece of a name or id finds, the best of each kind first; nothing for fewer than two letters.

    One query a kind, whatever there is. What is gone is left out, but for instances that are asked
    for by their whole id.
    """
    text = words.strip()
    if len(text) < SHORTEST:
        return ()
    return tuple(Hit(kind, *found) for kind, find in FINDERS.items() for found in find(text))


def _applications(text: str) -> Found:
    for row in _best(Application.objects.all(), text, "name"):
        yield row.name, "", "", row.owner


def _clusters(text: str) -> Found:
    for row in _best(Cluster.objects.select_related("environment"), text, "name"):
        yield row.name, row.environment.name, row.region, ""


def _groups(text: str) -> Found:
    for row in _best(lists.groups(), text, "name"):
        yield row.name, row.environment.name, row.region, f"{row.in_service_count} in service"


def _instances(text: str) -> Found:
    """One that is gone by its whole id: it stands in logs for longer than it runs."""
    rows = lists.instances_lately().filter(lists.HERE | Q(instance_id=text))
    for row in _best(rows, text, "instance_id", Q(private_ip=text)):
        more = ["gone" if row.gone_at else "", row.group.name if row.group else ""]
        yield row.instance_id, row.environment.name, row.region, ", ".join(filter(None, more))


def _images(text: str) -> Found:
    for row in _best(lists.images(), text, "image_id", Q(name__icontains=text) | Q(version=text) | Q(commit=text)):
        more = " ".join(filter(None, [row.application, row.version])) or row.name
        yield row.image_id, row.environment.name, row.region, more


def _load_balancers(text: str) -> Found:
    for row in _best(lists.load_balancers(), text, "name", Q(dns_name__icontains=text)):
        yield row.name, row.environment.name, row.region, row.dns_name


def _target_groups(text: str) -> Found:
    for row in _best(lists.target_groups(), text, "name", Q(arn=text)):
        yield row.name, row.environment.name, row.region, ""


def _launch_templates(text: str) -> Found:
    for row in _best(lists.launch_templates(), text, "template_id", Q(name__icontains=text)):
        yield row.template_id, row.environment.name, row.region, row.name


FINDERS: Mapping[str, Callable[[str], Found]] = {
    "application": _applications,
    "cluster": _clusters,
    "group": _groups,
    "instance": _instances,
    "image": _images,
    "load-balancer": _load_balancers,
    "target-group": _target_groups,
    "launch-template": _launch_templates,
}


def _best(rows: QuerySet[Any], text: str, field: str, also: Q | None = None) -> Iterator[Any]:
    """Those of the very name first, then those that begin with it, then those that hold it."""
    rank = Case(
        When(**{f"{field}__iexact": text}, then=Value(0)),
        When(**{f"{field}__istartswith": text}, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    wanted = Q(**{f"{field}__icontains": text})
    found = rows.filter(wanted | also if also else wanted).annotate(rank=rank).order_by("rank", field, "pk")
    return iter(found[:MOST])
