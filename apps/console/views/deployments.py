"""Deployments: the list, and one as a line of steps."""

from __future__ import annotations

from django.db.models.functions import Coalesce, Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.charts import charts_page
from apps.console.build.deployment import deployment_page
from apps.console.build.history import history_line
from apps.console.filters import DeploymentListFilter, shown
from apps.console.lists import listing
from apps.console.live import STOP_POLLING, live_part, page_with_live_part
from apps.deployments import selectors
from apps.deployments.models import Deployment

TOOK = Coalesce("run__ended_at", Now()) - Coalesce("run__started_at", "run__created_at")
# Not over REST: the time that one takes which goes on grows from page to page, and a cursor would lose its place.
SORTS = {**DeploymentListFilter.SORTS, "took": "took"}


@require_safe
def deployments(request: HttpRequest) -> HttpResponse:
    """All deployments, newest first, filtered by the URL."""
    found = DeploymentListFilter(request.GET, queryset=selectors.deployments())
    drawn = shown(found, ("application", "environment", "cluster", "state", "actor"))
    page = listing(request, found.qs.annotate(took=TOOK), SORTS, "-id")
    context = {"listing": page, "lines": [history_line(row) for row in page.rows], "filter": drawn}
    return render(request, "console/deployments.html", context)


@require_safe
def deployment(request: HttpRequest, number: int) -> HttpResponse:
    """One deployment."""
    return page_with_live_part(request, "console/deployment.html", deployment_page(find(number), user_of(request)))


@require_safe
def live(request: HttpRequest, number: int) -> HttpResponse:
    """The same, for polling; the last answer says that there will be no more news."""
    page = deployment_page(find(number), user_of(request))
    return live_part(request, "console/deployment_live.html", page, ended=not page.live)


@require_safe
def charts(request: HttpRequest, number: int) -> HttpResponse:
    """What both groups did meanwhile: a part of the page, or by itself without script."""
    page = charts_page(find(number))
    part = "HX-Request" in request.headers
    template = "console/charts.html" if part else "console/charts_page.html"
    return render(request, template, {"page": page}, status=200 if page.live or not part else STOP_POLLING)


def find(number: int) -> Deployment:
    """The deployment with its steps. Raises Http404 that names it."""
    try:
        return selectors.detail(number)
    except Deployment.DoesNotExist as error:
        raise Http404(f"There is no deployment {number}.") from error
