"""Nothing is open without signing in, except what is listed here."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

OPEN = ("/healthz/", "/static/", "/api/")  # the API answers 401 by itself


class SignInRequired:
    """Sends whoever is not signed in to the sign-in page, and back afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sign_in = resolve_url(settings.LOGIN_URL)
        if request.path == sign_in or request.path.startswith(OPEN) or request.user.is_authenticated:
            return self.get_response(request)
        if "HX-Request" in request.headers:
            return _leave_page(request, sign_in)
        return redirect_to_login(request.get_full_path(), sign_in)


def _leave_page(request: HttpRequest, sign_in: str) -> HttpResponse:
    """For a fragment of a page whose session has ended: the page goes to the sign-in page, not the fragment."""
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    where = redirect_to_login(urlunsplit(("", "", page.path or "/", page.query, "")), sign_in)
    return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": where.url})
