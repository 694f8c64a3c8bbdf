"""Groups whose names follow no pattern: shown, and left alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.lists import listing
from apps.inventory.models import SyncState
from apps.inventory.selectors import ages, lists

SORTS = {"name": "name", "created": "created_at"}


@require_safe
def other_groups(request: HttpRequest) -> HttpResponse:
    """Every group outside of the naming pattern."""
    rows = lists.groups().filter(cluster__isnull=True)
    age = ages.age_of_kinds(SyncState.Kind.GROUPS)
    return render(request, "console/other_groups.html", {"listing": listing(request, rows, SORTS, "name"), "age": age})
