"""Making a webhook."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.images.webhooks.base import all_formats


class WebhookForm(forms.Form):
    """Which build server will tell of builds."""

    format = forms.ChoiceField(help_text="How it signs, and what it sends.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["format"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = [(slug, each.title) for slug, each in all_formats().items()]
