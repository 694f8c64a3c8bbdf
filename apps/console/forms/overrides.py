"""Refusals that shall not stop something: a box beside each where it is shown, here only their codes."""

from __future__ import annotations

from typing import Any

from django import forms


class CodesField(forms.MultipleChoiceField):
    """Codes of findings, whichever are sent: which of them may be overridden is the deployments' to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return bool(value)
