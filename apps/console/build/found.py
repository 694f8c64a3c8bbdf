"""What a search found, with where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from apps.deployments.search import search
from apps.inventory.selectors.search import Hit

TITLES = {
    "deployment": "Deployments",
    "application": "Applications",
    "cluster": "Clusters",
    "group": "Groups",
    "instance": "Instances",
    "image": "AMIs",
    "build": "Builds",
    "load-balancer": "Load balancers",
    "target-group": "Target groups",
    "launch-template": "Launch templates",
    "bake": "Bakes",
}


@dataclass(frozen=True)
class FoundLine:
    name: str
    where: str  # "prod us-east-1"
    more: str
    href: str


@dataclass(frozen=True)
class FoundKind:
    title: str
    lines: tuple[FoundLine, ...]


def found(words: str) -> tuple[FoundKind, ...]:
    """By kind, in the order in which they are found."""
    return tuple(FoundKind(TITLES[kind], _lines(hits)) for kind, hits in groupby(search(words), lambda hit: hit.kind))


def _lines(hits: Iterable[Hit]) -> tuple[FoundLine, ...]:
    """One an address: an AMI that several environments know has one page."""
    by_href: dict[str, list[Hit]] = {}
    for hit in hits:
        by_href.setdefault(_href(hit), []).append(hit)
    return tuple(_line(href, same) for href, same in by_href.items())


def _line(href: str, hits: Sequence[Hit]) -> FoundLine:
    where = ", ".join(f"{hit.environment} {hit.region}".strip() for hit in hits)
    return FoundLine(hits[0].name, where, hits[0].more, href)


def _href(hit: Hit) -> str:
    match hit.kind:
        case "deployment" | "bake":
            return reverse(f"console:{hit.kind}", args=[hit.name.rpartition(" ")[2]])
        case "application":
            return reverse("console:application", args=[hit.name])
        case "build":
            return reverse("console:build", args=[hit.key])
        case "image":
            return reverse("console:image", args=[hit.name])
        case _:  # what lies in an environment and region, by its name or id
            return reverse(f"console:{hit.kind}", args=[hit.environment, hit.region, hit.name])
