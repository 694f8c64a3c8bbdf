"""What changed in the last hours: the page that on-call opens first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.changes import change_lines, in_time
from apps.console.change_filter import ChangeFilter
from apps.console.filters import shown
from apps.console.lists import paged
from apps.deployments import selectors

FIRST = ("hours", "kind", "application", "environment", "cluster", "actor")


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """A time line, newest first, of what the URL's filters find: of the last hours, unless it names other times."""
    found = ChangeFilter(request.GET, queryset=selectors.deployments())
    drawn = shown(found, FIRST)
    page = paged(request, in_time(found.qs, found.events))
    context = {
        "filter": drawn,
        "listing": page,
        "lines": change_lines(page.rows, user_of(request)),
        "span": found.span,
    }
    return render(request, "console/changes.html", context)
