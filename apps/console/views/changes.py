"""What changed in the last hours: the page that on-call opens first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.changes import change_lines
from apps.console.filters import ChangeListFilter, shown
from apps.console.lists import paged
from apps.deployments import selectors
from apps.deployments.changes import ORDER, timeline

FIRST = ("hours", "kind", "application", "environment", "cluster", "actor")


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """A time line, newest first, of what the URL's filters find: of the last hours, unless it names other times."""
    found = ChangeListFilter(request.GET, queryset=selectors.deployments())
    drawn = shown(found, FIRST)
    page = paged(request, timeline(found.qs, found.events).order_by(*ORDER))
    context = {
        "filter": drawn,
        "listing": page,
        "lines": change_lines(page.rows, user_of(request)),
        "span": found.span,
    }
    return render(request, "console/changes.html", context)
