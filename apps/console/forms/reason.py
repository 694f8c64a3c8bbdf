"""Why somebody does what they do."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms.overrides import CodesField


class ReasonForm(forms.Form):
    """A reason, which may be left out unless it is `needed`."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever looks at this later will be glad of it.",
    )

    def __init__(self, *args: Any, needed: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = bool(needed)
        self.fields["reason"].error_messages["required"] = needed


class OverridingForm(ReasonForm):
    """A reason, and what is overridden with it."""

    overrides = CodesField()
