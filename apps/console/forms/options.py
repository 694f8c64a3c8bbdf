"""The options of strategies and provisioners as form fields, derived from what they declare; nothing is listed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms
from django.forms import BoundField

from apps.workflows.options import Invalid, OptionSpec, parse


class Declares(Protocol):
    """What has options to choose: a strategy, a provisioner."""

    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def options(self) -> tuple[OptionSpec, ...]: ...
    @property
    def options_type(self) -> type: ...


@dataclass(frozen=True)
class Offered:
    """One of several as a form offers it, with its options' fields."""

    slug: str
    title: str
    summary: str
    chosen: bool
    options: tuple[BoundField, ...]
    opened: bool  # an option is in error: show it


def offer(form: forms.Form, declared: Declares, chosen: object) -> Offered:
    """For the template; the form has its fields, and `chosen` is the slug of the one that is chosen by now."""
    options = tuple(form[name] for name in fields_of(declared))
    return Offered(
        slug=declared.slug,
        title=declared.title,
        summary=declared.summary,
        chosen=declared.slug == chosen,
        options=options,
        opened=form.is_bound and any(option.errors for option in options),
    )


def field_name(slug: str, option: str) -> str:
    """What an option's field is called in the form."""
    return f"{slug}-{option}"


def fields_of(declared: Declares) -> dict[str, forms.Field]:
    """A field for every option, by field name. None is required: empty means the default."""
    return {field_name(declared.slug, spec.name): field_of(spec, declared.options_type) for spec in declared.options}


def values_of(declared: Declares, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, by option name; an emptied field takes the default unless empty means something."""
    chosen = {}
    for spec in declared.options:
        value = cleaned.get(field_name(declared.slug, spec.name))
        if value in (None, ""):
            value = None if spec.nullable else spec.default
        chosen[spec.name] = value
    return chosen


class NumberField(forms.Field):
    """A number that is checked by what declares it, so that form and API say the same of a wrong one."""

    def __init__(self, spec: OptionSpec, options: type, **common: Any) -> None:
        super().__init__(widget=forms.NumberInput(attrs=_attributes(spec)), **common)
        self.spec, self.options = spec, options

    def to_python(self, value: Any) -> Any:
        """The number as it was typed; what is no number stays text, for its own check to say so."""
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


class LinesField(forms.CharField):
    """A text of several lines; they end as they do outside of browsers."""

    widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value)).replace("\r\n", "\n")


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
        return LinesField(**common) if spec.lines else forms.CharField(**common)
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
