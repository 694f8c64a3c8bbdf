"""The list of clusters, and the page of one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.cluster import cluster_page
from apps.console.build.fleet import AGED, BY_TROUBLE, cluster_lines, stale_words, with_trouble
from apps.console.filters import ClusterListFilter, shown
from apps.console.lists import listing
from apps.console.live import live_part, page_with_live_part
from apps.deployments.selectors import running
from apps.inventory.models import Cluster
from apps.inventory.selectors import ages, lists
from apps.inventory.selectors.clusters import cluster as cluster_named
from apps.inventory.services import ask_once

SORTS = {**ClusterListFilter.SORTS, "trouble": BY_TROUBLE}  # the latter is how it begins: as home, with what moves


@require_safe
def clusters(request: HttpRequest) -> HttpResponse:
    """All clusters, those that are not well first, filtered by the URL."""
    active = list(running())
    found = ClusterListFilter(request.GET, queryset=with_trouble(lists.clusters(), active))
    drawn = shown(found, ("q", "application", "environment", "region"))
    page = listing(request, found.qs, SORTS, "trouble")
    age = ages.age_of_kinds(*AGED)
    lines = cluster_lines(page.rows, active)
    context = {"listing": page, "lines": lines, "filter": drawn, "age": age, "stale": stale_words(age) if lines else ""}
    return render(request, "console/clusters.html", context)


def find(environment: str, region: str, name: str) -> Cluster:
    """The cluster with its groups. Raises Http404 that names it."""
    try:
        return cluster_named(environment, region, name)
    except Cluster.DoesNotExist as error:
        raise Http404(f"There is no cluster {name} in {environment} {region}.") from error


@require_safe
def cluster(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The groups side by side, what runs between them, the history. What was not read yet is asked for, and follows."""
    row = find(environment, region, name)
    page = cluster_page(row, user_of(request))
    if page.unread:
        ask_once(row)
    return page_with_live_part(request, "console/cluster.html", page)


@require_safe
def live(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The same, for polling."""
    page = cluster_page(find(environment, region, name), user_of(request))
    return live_part(request, "console/cluster_live.html", page)
