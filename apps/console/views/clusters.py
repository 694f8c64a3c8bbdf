"""The cluster page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.cluster import cluster_page
from apps.console.live import live_part, page_with_live_part
from apps.inventory.models import Cluster
from apps.inventory.selectors.clusters import cluster as cluster_named


def find(environment: str, region: str, name: str) -> Cluster:
    """The cluster with its groups. Raises Http404 that names it."""
    try:
        return cluster_named(environment, region, name)
    except Cluster.DoesNotExist as error:
        raise Http404(f"There is no cluster {name} in {environment} {region}.") from error


@require_safe
def cluster(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The groups side by side, what runs between them, the history."""
    page = cluster_page(find(environment, region, name), user_of(request))
    return page_with_live_part(request, "console/cluster.html", page)


@require_safe
def live(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The same, for polling."""
    page = cluster_page(find(environment, region, name), user_of(request))
    return live_part(request, "console/cluster_live.html", page)
