"""Load balancers with their rules, and target groups with the health of their targets."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.build.traffic import load_balancer_page, target_group_page
from apps.console.filters import LoadBalancerListFilter, shown
from apps.console.lists import listing
from apps.inventory.models import SyncState
from apps.inventory.selectors import ages, lists


@require_safe
def load_balancers(request: HttpRequest) -> HttpResponse:
    """All of them, filtered by the URL."""
    found = LoadBalancerListFilter(request.GET, queryset=lists.load_balancers())
    drawn = shown(found, ("q", "environment"))
    context = {
        "listing": listing(request, found.qs, LoadBalancerListFilter.SORTS, "name"),
        "filter": drawn,
        "age": ages.age_of_kinds(SyncState.Kind.LOAD_BALANCERS),
    }
    return render(request, "console/load_balancers.html", context)


@require_safe
def load_balancer(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """One: its rules and what they forward to."""
    row = lists.load_balancers().filter(environment__name=environment, region=region, name=name).first()
    if row is None:
        raise Http404(f"There is no load balancer {name} in {environment} {region}.")
    return render(request, "console/load_balancer.html", {"page": load_balancer_page(row)})


@require_safe
def target_group(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """One: who sends it requests, and how each of its targets is now."""
    row = lists.target_groups().filter(environment__name=environment, region=region, name=name).first()
    if row is None:
        raise Http404(f"There is no target group {name} in {environment} {region}.")
    return render(request, "console/target_group.html", {"page": target_group_page(row)})
