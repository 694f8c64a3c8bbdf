"""From a cluster's name to the one that is meant; environment and region may be left out when the name is unique."""

from __future__ import annotations

from dataclasses import dataclass

from apps.cli.client import Client
from apps.cli.documents import text
from apps.cli.exits import CommandFailed, Exit


@dataclass(frozen=True)
class Place:
    environment: str
    region: str
    cluster: str

    @property
    def path(self) -> str:
        """Below /api/v1/."""
        return f"clusters/{self.environment}/{self.region}/{self.cluster}/"


def locate(client: Client, cluster: str, environment: str | None, region: str | None) -> Place:
    """Raises CommandFailed when no cluster, or more than one, is meant; it names those that could be."""
    if environment and region:
        return Place(environment, region, cluster)
    found = [
        Place(text(item, "environment"), text(item, "region"), cluster)
        for item in client.pages("clusters/", name=cluster, environment=environment, region=region)
        if text(item, "name", "cluster") == cluster
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        where = "".join(f" in {word}" for word in (environment, region) if word)
        raise CommandFailed(Exit.REFUSED, f"No cluster {cluster}{where} is known. `deployconsole status` lists all.")
    choices = ", ".join(f"--env {place.environment} --region {place.region}" for place in found)
    raise CommandFailed(Exit.USAGE, f"{len(found)} clusters are called {cluster}. Say which: {choices}")
