"""Finding anything: what the inventory holds, and deployments by their number."""

from __future__ import annotations

from apps.deployments import selectors
from apps.inventory.selectors.search import FINDERS, Hit
from apps.inventory.selectors.search import search as inventory

DEPLOYMENT = "deployment"
KINDS = (DEPLOYMENT, *FINDERS)


def search(words: str) -> tuple[Hit, ...]:
    """As the inventory's, with the deployment of this number in front."""
    number = words.strip().removeprefix("#")
    found = selectors.deployments().filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    if found is None:
        return inventory(words)
    cluster = found.cluster
    name, more = f"{found.kind} {found.pk}", f"{cluster.name}, by {found.actor}"
    return (Hit(DEPLOYMENT, name, cluster.environment.name, cluster.region, more), *inventory(words))
