"""Builds: what CI reported, how its gates ended, and where each build has gone since."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.models import Role
from apps.console.access import missing_role, user_of
from apps.console.build.builds import build_lines, build_page
from apps.console.filters import BuildListFilter, shown
from apps.console.lists import listing
from apps.console.pages.common import Action
from apps.images.models import Build
from apps.images.selectors import builds as selectors

SORTS = {**BuildListFilter.SORTS, "number": "number", "branch": "branch", "commit": "commit"}


@require_safe
def builds(request: HttpRequest) -> HttpResponse:
    """All builds, newest first, filtered by the URL."""
    found = BuildListFilter(request.GET, queryset=selectors.builds())
    drawn = shown(found, ("q", "application", "gate", "outcome"))
    page = listing(request, found.qs, SORTS, "-id")
    context = {"listing": page, "lines": build_lines(page.rows), "filter": drawn}
    return render(request, "console/builds.html", context)


@require_safe
def build(request: HttpRequest, number: int) -> HttpResponse:
    """One build."""
    try:
        row = selectors.build(number)
    except Build.DoesNotExist as error:
        raise Http404(f"There is no build {number}.") from error
    blocked = missing_role(user_of(request), Role.OPERATOR)
    bake = Action("Bake…", f"{reverse('console:bake-new')}?build={row.pk}", primary=True, blocked=blocked)
    check = Action("Package check…", reverse("console:build-check", args=[row.pk]))
    return render(request, "console/build.html", {"page": build_page(row), "actions": (bake, check)})
