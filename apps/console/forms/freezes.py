"""What somebody says of a freeze; the checks are the deployments'."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from apps.deployments import zones
from apps.deployments.services import FreezeRequest
from apps.inventory.models import Application, Environment


class LocalMoment(forms.Field):
    """A date and time as a clock on the wall shows it; which wall is said by another field."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        text = str(value or "").strip()
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError as error:
            raise forms.ValidationError("Write it as 2026-12-24 18:00.") from error


class FreezeForm(forms.Form):
    """Whom it concerns, from when until when, and why."""

    environment = forms.ChoiceField(required=False)
    application = forms.ChoiceField(required=False)
    cluster = forms.CharField(
        required=False, max_length=255, help_text="Its name, as api-prod. Empty: all that the two above leave."
    )
    starts_at = LocalMoment(required=False, label="From", help_text="Empty: from now on.")
    ends_at = LocalMoment(label="Until", error_messages={"required": "Say when it ends; it can be ended earlier."})
    zone = forms.ChoiceField(label="Time zone", help_text="In which both times are meant.")
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Everybody who is refused reads it.",
        error_messages={"required": "Say why: everybody who is refused reads it."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        environments = Environment.objects.order_by("name").values_list("name", flat=True)
        applications = Application.objects.order_by("name").values_list("name", flat=True)
        self._choices("environment", [("", "all"), *((name, name) for name in environments)])
        self._choices("application", [("", "all"), *((name, name) for name in applications)])
        self._choices("zone", [(name, name) for name in zones.names()])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = choices

    def request(self) -> FreezeRequest:
        """What to ask of the deployments; the form must be valid."""
        return FreezeRequest(**self.cleaned_data)
