"""Clusters and applications that well-named groups imply."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from apps.cloud.naming import parse
from apps.inventory.models import Application, Cluster, Environment


def ensure_clusters(environment: Environment, region: str, group_names: Iterable[str]) -> dict[str, int]:
    """The cluster's id for every well-named group; clusters and applications not known yet are made.

    An application made so is `discovered`: nobody has claimed it. One query when all are known.
    """
    parsed = {name: parts for name in group_names if (parts := parse(name)) is not None}
    clusters = {parts.cluster: parts for parts in parsed.values()}
    ids = _ids(environment, region, clusters)
    missing = {name: parts for name, parts in clusters.items() if name not in ids}
    if missing:
        applications = _ensure_applications({parts.app for parts in missing.values()})
        Cluster.objects.bulk_create(
            [
                Cluster(
                    environment=environment,
                    region=region,
                    name=name,
                    application_id=applications[parts.app],
                    stack=parts.stack,
                    detail=parts.detail,
                )
                for name, parts in missing.items()
            ],
            ignore_conflicts=True,
        )
        ids = _ids(environment, region, clusters)
    return {name: ids[parts.cluster] for name, parts in parsed.items()}


def _ids(environment: Environment, region: str, names: Collection[str]) -> dict[str, int]:
    rows = Cluster.objects.filter(environment=environment, region=region, name__in=list(names))
    return dict(rows.values_list("name", "id"))


def _ensure_applications(names: set[str]) -> dict[str, int]:
    # regions are synced side by side: another may make the same application meanwhile
    Application.objects.bulk_create(
        [Application(name=name, discovered=True) for name in sorted(names)], ignore_conflicts=True
    )
    return dict(Application.objects.filter(name__in=names).values_list("name", "id"))
