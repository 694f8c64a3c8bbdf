"""A strategy's options as form fields, derived from what the strategy declares; nothing is listed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.deployments.strategies.base import Strategy
from apps.deployments.strategies.options import OptionSpec


def field_name(strategy: str, option: str) -> str:
    """What an option's field is called in the form."""
    return f"{strategy}-{option}"


def fields_of(strategy: Strategy) -> dict[str, forms.Field]:
    """A field for every option of the strategy, by field name. None is required: empty means the default."""
    return {field_name(strategy.slug, spec.name): _field(spec) for spec in strategy.options}


def values_of(strategy: Strategy, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, by option name; an emptied field takes the default unless empty means something."""
    chosen = {}
    for spec in strategy.options:
        value = cleaned.get(field_name(strategy.slug, spec.name))
        if value in (None, ""):
            value = None if spec.nullable else spec.default
        chosen[spec.name] = value
    return chosen


def _field(spec: OptionSpec) -> forms.Field:
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
    return _number(spec, common)


def _number(spec: OptionSpec, common: dict[str, Any]) -> forms.Field:
    kind = forms.IntegerField if spec.type == "integer" else forms.FloatField
    limits: dict[str, Any] = {"min_value": spec.minimum, "max_value": spec.maximum}
    if spec.type == "integer":
        limits = {name: None if value is None else int(value) for name, value in limits.items()}
    field = kind(**common, **limits)
    field.widget.attrs["inputmode"] = "numeric" if spec.type == "integer" else "decimal"
    if spec.unit:
        field.label = f"{spec.label}, {spec.unit}"
    return field
