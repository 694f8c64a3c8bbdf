"""AMIs and what their tags say of the software inside."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.build.images import where_run
from apps.console.filters import ImageListFilter, shown
from apps.console.lists import listing
from apps.inventory.models import SyncState
from apps.inventory.selectors import ages, lists

SORTS = {
    "application": "application",
    "version": "version",
    "commit": "commit",
    "build": "build",
    "image": "image_id",
    "environment": ("environment__name", "region"),
    "created": "created_at",
    "state": "state",
}


@require_safe
def images(request: HttpRequest) -> HttpResponse:
    """All AMIs, newest first, filtered by the URL."""
    found = ImageListFilter(request.GET, queryset=lists.images())
    drawn = shown(found, ("q", "application", "version", "environment"))
    page = listing(request, found.qs, SORTS, "-created")
    places = where_run(row.image_id for row in page.rows)
    rows = [(row, places[row.image_id]) for row in page.rows]
    context = {
        "listing": page,
        "rows": rows,
        "filter": drawn,
        "age": ages.age_of_kinds(SyncState.Kind.IMAGES),
    }
    return render(request, "console/images.html", context)
