"""Search: as a page, and as what the header's field shows while one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.build.found import found
from apps.inventory.selectors.search import SHORTEST

LONGEST = 200  # letters


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What `q` finds, by kind; the list alone where a script asks."""
    words = request.GET.get("q", "").replace("\0", "")[:LONGEST]
    part = "HX-Request" in request.headers
    context = {"words": words.strip(), "kinds": found(words), "shortest": SHORTEST}
    return render(request, "console/search_found.html" if part else "console/search.html", context)
