"""Who is asking: a bearer token, or the session of somebody signed in to the console."""

from __future__ import annotations

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from apps.accounts import services
from apps.accounts.models import Token, User

SCHEME = "Bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """Reads `Authorization: Bearer <token>`. Other schemes are not ours and are passed over."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = services.authenticate_token(text.strip())
        if token is None:
            raise exceptions.AuthenticationFailed("The token is unknown, expired or revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The console's own pages: a signed-in session, and a CSRF token for changes."""

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'
