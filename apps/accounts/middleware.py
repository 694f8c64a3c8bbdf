"""Nothing is open without signing in, except what is listed here."""

from __future__ import annotations

from collections.abc import Callable

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
        return redirect_to_login(request.get_full_path(), sign_in)
