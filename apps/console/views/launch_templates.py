"""Launch templates, and what differs between two versions of one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.build.launch_template import launch_template_page
from apps.console.filters import LaunchTemplateListFilter, shown
from apps.console.lists import listing
from apps.inventory.models import SyncState
from apps.inventory.selectors import ages, lists


@require_safe
def launch_templates(request: HttpRequest) -> HttpResponse:
    """All of them, filtered by the URL."""
    found = LaunchTemplateListFilter(request.GET, queryset=lists.launch_templates())
    drawn = shown(found, ("q", "environment"))
    context = {
        "listing": listing(request, found.qs, LaunchTemplateListFilter.SORTS, "name"),
        "filter": drawn,
        "age": ages.age_of_kinds(SyncState.Kind.LAUNCH_TEMPLATES),
    }
    return render(request, "console/launch_templates.html", context)


@require_safe
def launch_template(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """One, by its id: its versions, and what differs between two of them (`before`, `after`)."""
    row = lists.launch_templates().filter(environment__name=environment, region=region, template_id=name).first()
    if row is None:
        raise Http404(f"There is no launch template {name} in {environment} {region}.")
    page = launch_template_page(row, request.GET.get("before", ""), request.GET.get("after", ""))
    return render(request, "console/launch_template.html", {"page": page})
