"""What is only done when somebody typed the name of what it is done to, as breaking a lock."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms.reason import OverridingForm, ReasonForm


class ConfirmedForm(ReasonForm):
    """A reason, and the `name` of the cluster, which must be typed."""

    asked: tuple[str, ...] = ("confirmation",)

    confirmation = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, name: str, needed: str, **kwargs: Any) -> None:
        super().__init__(*args, needed=needed, **kwargs)
        self.name = name
        self.fields["confirmation"].label = f"Type {name} to confirm"

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"]).strip()
        if typed != self.name:
            raise forms.ValidationError(f"Type {self.name} if that is meant.")
        return typed


class UnlockForm(ConfirmedForm):
    """One that goes on by itself is stopped only by force."""

    force = forms.BooleanField(required=False, label="Stop it although it goes on by itself")

    def __init__(self, *args: Any, cluster: str, **kwargs: Any) -> None:
        needed = "Say why: breaking a lock is recorded with its reason."
        super().__init__(*args, name=cluster, needed=needed, **kwargs)


class RollbackForm(OverridingForm):
    """A reason; and the name of the cluster, where something is overridden."""

    asked: tuple[str, ...] = ("confirmation",)

    confirmation = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Where you override what stands against it.",
    )

    def __init__(self, *args: Any, cluster: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cluster = cluster
        self.fields["confirmation"].label = f"Type {cluster} to confirm"

    def clean(self) -> dict[str, Any]:
        typed = str(self.cleaned_data.pop("confirmation", "")).strip()
        if self.cleaned_data.get("overrides") and typed != self.cluster:
            text = f"This goes against what holds it back. Type {self.cluster} if that is meant."
            self.add_error("confirmation", text)
        return self.cleaned_data
