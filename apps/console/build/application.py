"""The page of an application from rows."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from apps.console.build.builds import build_lines
from apps.console.build.fleet import age_at, cluster_lines, stale_words
from apps.console.build.freezes import frozen
from apps.console.build.history import history_line
from apps.console.build.recipes import latest_bakes, recipe_facts
from apps.console.pages.fleet import ApplicationPage, ClusterLine, MatrixRow
from apps.deployments import freezes
from apps.deployments import selectors as deployments
from apps.deployments.models import ScaffoldPart
from apps.images.selectors import builds
from apps.inventory.models import Application, Cluster, Group
from apps.inventory.selectors import lists

HISTORY = 10
BUILDS = 5


def application_page(application: Application) -> ApplicationPage:
    """Its clusters as a small matrix: names down, environments and regions across."""
    clusters = list(_not_gone(lists.clusters().filter(application=application)))
    lines = cluster_lines(clusters, deployments.running().filter(cluster__in=clusters))
    order = {each.name: list(each.regions) for each in (cluster.environment for cluster in clusters)}
    columns = sorted({(line.place.environment, line.place.region) for line in lines}, key=lambda at: _rank(at, order))
    history = deployments.deployments().filter(cluster__application=application)[:HISTORY]
    age = age_at(columns)
    return ApplicationPage(
        name=application.name,
        facts=(
            ("Owner", application.owner),
            ("E-mail", application.email),
            ("Description", application.description),
            ("Health check path", application.health_check_path),
            ("Tags", ", ".join(f"{name}={value}" for name, value in sorted(application.tags.items()))),
        ),
        repository_url=application.repository_url,
        discovered=application.discovered,
        columns=tuple(columns),
        rows=_rows(lines, columns),
        history=tuple(history_line(each) for each in history),
        builds=build_lines(builds.of_application(application)[:BUILDS]),
        read_at=age.read_at,
        stale=stale_words(age) if columns else "",
        frozen=frozen(freezes.concerning_application(freezes.on(), application)),
        recipe=recipe_facts(application),
        bakes=latest_bakes(application),
    )


def _not_gone(rows: QuerySet[Cluster]) -> QuerySet[Cluster]:
    """Those with a group, with something that scaffolding made for it, or that are being changed just now."""
    groups = Group.objects.filter(cluster=OuterRef("pk"), gone_at__isnull=True)
    parts = ScaffoldPart.objects.filter(cluster=OuterRef("pk"), removed_at__isnull=True)
    active = deployments.running().filter(cluster=OuterRef("pk"))
    return rows.filter(Exists(groups) | Exists(parts) | Exists(active))


def _rank(at: tuple[str, str], order: dict[str, list[str]]) -> tuple[str, int, str]:
    environment, region = at
    regions = order[environment]
    return environment, regions.index(region) if region in regions else len(regions), region


def _rows(lines: tuple[ClusterLine, ...], columns: list[tuple[str, str]]) -> tuple[MatrixRow, ...]:
    cells = {(line.place.cluster, line.place.environment, line.place.region): line for line in lines}
    names = sorted({line.place.cluster for line in lines})
    return tuple(MatrixRow(name, tuple(cells.get((name, *at)) for at in columns)) for name in names)
