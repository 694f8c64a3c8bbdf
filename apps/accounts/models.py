"""Who may do what: users with one role each, and the API tokens that act for them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class Role(models.TextChoices):
    """What a user may do; each role includes those before it."""

    VIEWER = "viewer", "Viewer"  # reads everything but secrets
    OPERATOR = "operator", "Operator"  # pushes, rolls back, cancels
    ADMINISTRATOR = "administrator", "Administrator"  # also users, tokens, environments, applications

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


class User(AbstractUser):
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints = [
            # The audit trail names actors by this text: Alice and alice must not be two people.
            models.UniqueConstraint(Lower("username"), name="accounts_user_username_any_case"),
        ]

    def may(self, role: Role) -> bool:
        """Whether this user's role includes `role`."""
        return self.is_active and Role(self.role).includes(role)


class Token(models.Model):
    """An API token. Only its SHA-256 is stored; the text is shown once, when it is made."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user.username}"


class SignInFailure(models.Model):
    """One failed sign-in, counted for a few minutes.

    The name is kept as a digest: people type passwords into the wrong field.
    """

    name_digest = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"from {self.address} at {self.at:%Y-%m-%d %H:%M:%S}"
