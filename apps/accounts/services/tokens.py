"""Making, checking and revoking API tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.accounts.models import Token, User
from apps.accounts.selectors import live_tokens
from apps.events.services import record

PREFIX = "dc_"  # lets secret scanners, and people, see what a stray string is
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(user: User, name: str, *, actor: str, expires_at: datetime | None = None) -> tuple[Token, str]:
    """Makes a token that acts for `user`; returns the row and the text, which is stored nowhere."""
    text = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(user=user, name=name, digest=_digest(text), expires_at=expires_at)
    expiry = f", which expires {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else ""
    record(
        "token.created",
        actor=actor,
        subject=user.username,
        summary=f"{actor} made the API token “{name}” for {user.username}{expiry}.",
        after={"token": token.id, "name": name, "expires_at": expires_at.isoformat() if expires_at else None},
    )
    return token, text


def authenticate_token(text: str) -> Token | None:
    """The live token of this text, with its user; None if there is none. Notes the use, at most once a minute."""
    token = live_tokens().select_related("user").filter(digest=_digest(text)).first()
    if token is not None:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - NOTED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
    return token


@transaction.atomic
def revoke(token: Token, *, actor: str) -> None:
    """Ends a token at once. Doing it twice is harmless."""
    if not Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=Now()):
        return
    token.refresh_from_db()
    record(
        "token.revoked",
        actor=actor,
        subject=token.user.username,
        summary=f"{actor} revoked the API token “{token.name}” of {token.user.username}.",
        before={"token": token.id, "name": token.name},
    )


@transaction.atomic
def replace_token(user: User, name: str, *, actor: str) -> str:
    """Revokes the user's live tokens of this name, makes a new one and returns its text."""
    for token in live_tokens().filter(user=user, name=name):
        revoke(token, actor=actor)
    return create_token(user, name, actor=actor)[1]


def _digest(text: str) -> str:
    # No salt and no slow hash: the text is 256 random bits, which nobody guesses.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
