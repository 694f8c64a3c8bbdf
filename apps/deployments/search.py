"""Finding anything: what the inventory holds, builds by version, commit or number, deployments by their number."""

from __future__ import annotations

from collections.abc import Iterator

from apps.deployments import selectors
from apps.images.selectors import builds
from apps.inventory.selectors.search import FINDERS, SHORTEST, Hit
from apps.inventory.selectors.search import search as inventory

DEPLOYMENT, BUILD = "deployment", "build"
KINDS = (DEPLOYMENT, *FINDERS, BUILD)


def search(words: str) -> tuple[Hit, ...]:
    """As the inventory's, with the deployment of this number in front, and builds behind."""
    number = words.strip().removeprefix("#")
    found = selectors.deployments().filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    beside = (*inventory(words), *_builds(words.strip()))
    if found is None:
        return beside
    cluster = found.cluster
    name, more = f"{found.kind} {found.pk}", f"{cluster.name}, by {found.actor}"
    return (Hit(DEPLOYMENT, name, cluster.environment.name, cluster.region, more), *beside)


def _builds(text: str) -> Iterator[Hit]:
    for row in builds.like(text) if len(text) >= SHORTEST else ():
        commit = f"commit {row.commit[:12]}" if row.commit else ""
        yield Hit(BUILD, str(row), more=", ".join(filter(None, [row.application.name, commit])), key=str(row.pk))
