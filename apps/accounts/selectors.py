"""Reading users and tokens."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from apps.accounts.models import Role, Token, User


def live_tokens() -> QuerySet[Token]:
    """Tokens that still open the door: neither revoked nor expired, of an active user."""
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=Now())
    return Token.objects.filter(unexpired, revoked_at__isnull=True, user__is_active=True)


def tokens_visible_to(user: User) -> QuerySet[Token]:
    """A user's own tokens; an administrator's are everybody's."""
    tokens = Token.objects.select_related("user").order_by("-id")
    return tokens if user.may(Role.ADMINISTRATOR) else tokens.filter(user=user)
