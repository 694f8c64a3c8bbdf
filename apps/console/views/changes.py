"""What changed in the last hours: the page that on-call opens first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.changes import HOURS, changes_page
from apps.inventory.selectors.lists import environments

USUAL = 12  # hours


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """A time line, newest first, of the `hours` and `environment` that the URL names."""
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in map(str, HOURS) else USUAL
    environment = request.GET.get("environment", "").replace("\0", "")
    context = {
        "page": changes_page(user_of(request), hours, environment),
        "environments": [each.name for each in environments()],
        "environment": environment,
    }
    return render(request, "console/changes.html", context)
