"""Making users."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from apps.accounts.models import Role, Token, User
from apps.accounts.services.tokens import revoke
from apps.events.services import record


@transaction.atomic
def create_user(username: str, password: str, role: Role, *, actor: str) -> User:
    """Makes a user. Raises ValidationError for a weak password, a malformed or a taken name."""
    user = User(username=username, role=role)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    record(
        "user.created",
        actor=actor,
        subject=username,
        summary=f"{actor} made the account {username} with the role {role.value}.",
        after={"role": role.value},
    )
    return user


@transaction.atomic
def set_credentials(user: User, password: str, role: Role, *, actor: str) -> None:
    """Gives an existing user this password and role. Raises ValidationError for a weak password."""
    validate_password(password, user)
    before = {"role": user.role}
    user.set_password(password)
    user.role = role
    user.is_active = True
    user.save(update_fields=["password", "role", "is_active"])
    record(
        "user.changed",
        actor=actor,
        subject=user.username,
        summary=f"{actor} set the password of {user.username} and the role {role.value}.",
        before=before,
        after={"role": role.value},
    )


@transaction.atomic
def close_account(user: User, *, actor: str) -> None:
    """Shuts a user out: sessions and tokens end at once. The name stays taken, since the record of events uses it."""
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        return
    for token in Token.objects.filter(user=user, revoked_at__isnull=True):
        revoke(token, actor=actor)
    record(
        "user.closed",
        actor=actor,
        subject=user.username,
        summary=f"{actor} closed the account {user.username}; its sessions and tokens ended.",
        before={"role": user.role},
    )
