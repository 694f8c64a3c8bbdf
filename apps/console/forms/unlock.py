"""Breaking a lock: why, on whose cluster, and whether by force."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms.reason import ReasonForm


class UnlockForm(ReasonForm):
    """The cluster's name must be typed; one that goes on by itself is stopped only by force."""

    asked = ("confirmation",)

    force = forms.BooleanField(required=False, label="Stop it although it goes on by itself")
    confirmation = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, cluster: str, **kwargs: Any) -> None:
        super().__init__(*args, needed="Say why: breaking a lock is recorded with its reason.", **kwargs)
        self.cluster = cluster
        self.fields["confirmation"].label = f"Type {cluster} to confirm"

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"]).strip()
        if typed != self.cluster:
            raise forms.ValidationError(f"Type {self.cluster} if that is meant.")
        return typed
