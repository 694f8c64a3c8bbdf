"""Reading a cluster from AWS again, now, for whoever does not want to wait for the next round."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.cloud.errors import CloudError
from apps.console.views import clusters, groups
from apps.inventory.models import Cluster
from apps.inventory.services import refresh_cluster


@require_POST
def cluster(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """Reads a cluster, and goes back to its page."""
    _read(request, clusters.find(environment, region, name))
    return redirect("console:cluster", environment, region, name)


@require_POST
def group(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """Reads the cluster of a group, and goes back to the group's page."""
    found = groups.find(environment, region, name)
    if found.cluster:
        _read(request, found.cluster)
    return redirect("console:group", environment, region, name)


def _read(request: HttpRequest, row: Cluster) -> None:
    try:
        refresh_cluster(row.environment, row.region, row.name)
    except CloudError as error:
        messages.error(request, f"AWS did not let us look ({error}). What is shown was read before.")
    else:
        messages.success(request, f"{row.name} was read from AWS just now.")
