"""A strategy's options as form fields, derived from what the strategy declares; nothing is listed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.deployments.errors import Invalid
from apps.deployments.strategies.base import Strategy
from apps.workflows.options import OptionSpec, parse


def field_name(strategy: str, option: str) -> str:
    """What an option's field is called in the form."""
    return f"{strategy}-{option}"


def fields_of(strategy: Strategy) -> dict[str, forms.Field]:
    """A field for every option of the strategy, by field name. None is required: empty means the default."""
    return {field_name(strategy.slug, spec.name): field_of(spec, strategy.options_type) for spec in strategy.options}


def values_of(strategy: Strategy, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, by option name; an emptied field takes the default unless empty means something."""
    chosen = {}
    for spec in strategy.options:
        value = cleaned.get(field_name(strategy.slug, spec.name))
        if value in (None, ""):
            value = None if spec.nullable else spec.default
        chosen[spec.name] = value
    return chosen


class NumberField(forms.Field):
    """A number that the strategy itself checks, so that form and API say the same of a wrong one."""

    def __init__(self, spec: OptionSpec, options: type, **common: Any) -> None:
        super().__init__(widget=forms.NumberInput(attrs=_attributes(spec)), **common)
        self.spec, self.options = spec, options

    def to_python(self, value: Any) -> Any:
        """The number as it was typed; what is no number stays text, for the strategy to say so."""
        text = str(value or "").strip()
        for number in (int, float):
            try:
                return number(text)
            except ValueError:
                continue
        return text or None

    def validate(self, value: Any) -> None:
        if value is None:
            return
        try:
            parse(self.options, {self.spec.name: value})
        except Invalid as error:
            raise forms.ValidationError([text for texts in error.errors.values() for text in texts]) from error


def field_of(spec: OptionSpec, options: type) -> forms.Field:
    """The form field of one option of an options dataclass."""
    common: dict[str, Any] = {
        "label": spec.label,
        "help_text": spec.help,
        "initial": spec.default,
        "required": False,
    }
    if spec.type == "choice":
        return forms.ChoiceField(choices=spec.choices, **common)
    if spec.type == "boolean":
        return forms.BooleanField(**common)
    if spec.type == "text":
        return forms.CharField(**common)
    if spec.unit:
        common["label"] = f"{spec.label}, {spec.unit}"
    return NumberField(spec, options, **common)


def _attributes(spec: OptionSpec) -> dict[str, Any]:
    limits = {"min": spec.minimum, "max": spec.maximum}
    whole = spec.type == "integer"
    return {
        "inputmode": "numeric" if whole else "decimal",
        "step": "1" if whole else "any",
        **{name: f"{value:g}" for name, value in limits.items() if value is not None},
    }
