"""The sign-in form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from apps.accounts import services
from apps.accounts.models import User


class SignInForm(forms.Form):
    """Name and password; `user` is set once it is valid."""

    username = forms.CharField(
        max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        max_length=1024, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.address = address
        self.user: User | None = None
        self.too_many = False

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "username" not in given or "password" not in given:
            return given
        try:
            self.user = services.check_credentials(given["username"], given["password"], self.address)
        except services.WrongCredentials:
            raise forms.ValidationError("The name or the password is wrong. Both are case-sensitive.") from None
        except services.TooManyFailures:
            self.too_many = True
            raise forms.ValidationError(
                "Too many failed sign-ins. Wait five minutes, then try again; "
                "an administrator can set a new password with manage.py create_user --update."
            ) from None
        return given

    def get_user(self) -> User | None:
        return self.user
