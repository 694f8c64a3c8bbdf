"""What a role may do: viewers read, operators change; a view may ask for more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import permissions
from rest_framework.request import Request

from apps.accounts.models import Role, User

if TYPE_CHECKING:  # rest_framework.views imports this module while it is itself being imported
    from rest_framework.views import APIView


class RolePermission(permissions.BasePermission):
    """Needs `view.required_role` for changes, `view.reading_role` for reading: else operator, and viewer."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not isinstance(user, User):
            return False
        needed = role_needed(view, request.method or "")
        self.message = f"This needs the role {needed.value}; {user.username} has the role {user.role}."
        return user.may(needed)


def role_needed(view: APIView, method: str) -> Role:
    """The role that this method of this view asks for."""
    if method in permissions.SAFE_METHODS:
        return getattr(view, "reading_role", Role.VIEWER)
    return getattr(view, "required_role", Role.OPERATOR)
