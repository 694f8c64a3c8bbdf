"""Making an API token."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "never")]


class TokenForm(forms.Form):
    """A name to know it by, and how long it shall open the door."""

    name = forms.CharField(max_length=80, help_text="What will use it, for example “nightly build”.")
    days = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90", label="Expires after")

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
