"""Signing in and out. The pages' templates belong to the console."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse

from apps.accounts import services
from apps.accounts.forms import SignInForm
from apps.accounts.models import User

TOO_MANY_REQUESTS = 429


class SignIn(LoginView):
    """Asks for name and password. Django's view rotates the session and follows `next` within this site only."""

    authentication_form = SignInForm  # type: ignore[assignment]  # ours is not a subclass of Django's
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "address": client_address(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        services.signed_in(form.get_user(), client_address(self.request))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.too_many:
            response.status_code = TOO_MANY_REQUESTS
            response.headers["Retry-After"] = str(int(services.sign_in.WINDOW.total_seconds()))
        return response


class SignOut(LogoutView):
    """Ends the session."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        response = super().post(request, *args, **kwargs)
        if isinstance(user, User):
            services.signed_out(user)
        return response


def client_address(request: HttpRequest) -> str:
    """Whom the connection comes from. A proxy may say otherwise if it was declared, and only its own word counts."""
    if settings.SECURE_PROXY_SSL_HEADER:
        nearest = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if nearest:
            return nearest[:64]
    return str(request.META.get("REMOTE_ADDR") or "unknown")[:64]
