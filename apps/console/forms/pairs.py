"""Tags and lists as people type them: one a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


class PairsField(forms.CharField):
    """`name=value` lines; the value is a dictionary of text to text."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return "\n".join(f"{name}={text}" for name, text in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        pairs: dict[str, str] = {}
        for line in str(value or "").splitlines():
            if not line.strip():
                continue
            name, equals, text = line.partition("=")
            if not equals:
                raise forms.ValidationError(f"“{line.strip()}” has no =; write each as name=value.")
            pairs[name.strip()] = text.strip()
        return pairs


class WordsField(forms.CharField):
    """Words apart by commas, spaces or lines; the value is a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return str(value or "").replace(",", " ").split()
