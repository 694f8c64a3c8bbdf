"""Requests that Django itself refuses before any view sees them: below /api/ a problem, elsewhere a page."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from rest_framework.exceptions import ParseError

from apps.api.problems.handler import MEDIA_TYPE, exception_handler

UNKNOWN_HOST = (
    "The Host header names none of the hosts under which this console is reached (the setting ALLOWED_HOSTS)."
)


def malformed(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The project's handler400."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    told = UNKNOWN_HOST if isinstance(exception, DisallowedHost) else "The request is malformed."
    problem = exception_handler(ParseError(told), {"request": request})
    return JsonResponse(problem.data, status=problem.status_code, content_type=MEDIA_TYPE)
