"""Who may press what. A viewer sees every page; changing needs a role, and the refusal says which."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict

from apps.accounts.models import Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

ROLE_WORDS = {Role.VIEWER: "a viewer", Role.OPERATOR: "an operator", Role.ADMINISTRATOR: "an administrator"}


def user_of(request: HttpRequest) -> User:
    """The signed-in user; the middleware lets nobody else this far. Raises PermissionDenied otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def missing_role(user: User, role: Role) -> str:
    """Why the user may not do what needs `role`, in a sentence; empty when they may."""
    if user.may(role):
        return ""
    return f"This needs the role {role.label.lower()}; you are signed in as {ROLE_WORDS[Role(user.role)]}."


def needs(role: Role) -> Callable[[View[P]], View[P]]:
    """Decorator: answers 403 with the reason unless the user's role includes `role`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            reason = missing_role(user_of(request), role)
            if reason:
                raise PermissionDenied(reason)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form to check; None when the form is only asked for."""
    return request.POST if request.method == "POST" else None
