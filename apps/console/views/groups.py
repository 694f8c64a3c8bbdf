"""One group; and those whose names follow no pattern: shown, and left alone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.group import group_page
from apps.console.build.group_details import details_page
from apps.console.filters import OtherGroupFilter, shown
from apps.console.lists import listing
from apps.console.live import gone_part, live_part, page_with_live_part
from apps.inventory.models import Group, SyncState
from apps.inventory.selectors import ages, lists


@require_safe
def other_groups(request: HttpRequest) -> HttpResponse:
    """Every group outside of the naming pattern, filtered by the URL."""
    found = OtherGroupFilter(request.GET, queryset=lists.groups().filter(cluster__isnull=True))
    context = {
        "filter": shown(found, ("q", "environment", "region")),
        "listing": listing(request, found.qs, OtherGroupFilter.SORTS, "name"),
        "age": ages.age_of_kinds(SyncState.Kind.GROUPS),
    }
    return render(request, "console/other_groups.html", context)


def find(environment: str, region: str, name: str) -> Group:
    """The group. Raises Http404 that names it, and says that it is gone where it was known."""
    here = Group.objects.filter(environment__name=environment, region=region, name=name)
    found = here.select_related("environment", "cluster__environment", "cluster__application").first()
    if found is None:
        raise Http404(f"There is no group {name} in {environment} {region}.")
    if found.gone_at:
        raise Http404(f"{name} in {environment} {region} was deleted; AWS no longer shows it.")
    return found


@require_safe
def group(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """One group: what rows tell, then (by script, or asked for) what AWS tells now."""
    return page_with_live_part(
        request, "console/group.html", group_page(find(environment, region, name), user_of(request))
    )


@require_safe
def live(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """What rows tell, for polling; the last answer says that the group is gone."""
    try:
        page = group_page(find(environment, region, name), user_of(request))
    except Http404 as gone:
        return gone_part(request, str(gone))
    return live_part(request, "console/group_live.html", page)


@require_safe
def details(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """What AWS tells now: a part of the page, or by itself without script."""
    found = find(environment, region, name)
    part = "HX-Request" in request.headers
    template = "console/group_details.html" if part else "console/group_details_page.html"
    return render(request, template, {"details": details_page(found, user_of(request)), "group": found})
