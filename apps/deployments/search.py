"""Finding anything: what the inventory holds, deployments by their number, bakes and builds."""

from __future__ import annotations

from apps.deployments import selectors
from apps.images.search import BAKE, BUILD
from apps.images.search import search as images
from apps.inventory.selectors.search import FINDERS, Hit
from apps.inventory.selectors.search import search as inventory

DEPLOYMENT = "deployment"
KINDS = (DEPLOYMENT, *FINDERS, BAKE, BUILD)


def search(words: str) -> tuple[Hit, ...]:
    """As the inventory's, with the deployment of this number in front, bakes and builds at the end."""
    number = words.strip().removeprefix("#")
    found = selectors.deployments().filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    beside = (*inventory(words), *images(words))
    if found is None:
        return beside
    cluster = found.cluster
    name, more = f"{found.kind} {found.pk}", f"{cluster.name}, by {found.actor}"
    return (Hit(DEPLOYMENT, name, cluster.environment.name, cluster.region, more), *beside)
