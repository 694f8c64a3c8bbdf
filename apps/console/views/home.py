"""The first page after signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.home import home_page
from apps.console.live import live_part, page_with_live_part


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is moving now, what needs somebody, what failed lately, and the clusters."""
    return page_with_live_part(request, "console/home.html", home_page(user_of(request)))


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The same, for polling."""
    return live_part(request, "console/home_live.html", home_page(user_of(request)))
