"""The user data template of an application: its text, and the variables of each environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from apps.console.forms.errors import take
from apps.console.forms.pairs import PairsField
from apps.console.forms.reason import ReasonForm
from apps.inventory.models import UserData
from apps.inventory.services.user_data_checks import NEEDED
from apps.inventory.services.user_data_templates import DEFAULT_PREFIX

OF = "variables_"  # how the names of the fields of environments begin


class TextField(forms.CharField):
    """A text to the letter; browsers send CR LF at the end of each line, which no shell takes."""

    widget = forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "mono", "wrap": "off"})

    def to_python(self, value: Any) -> Any:
        return str(value or "").replace("\r\n", "\n")


class UserDataForm(ReasonForm):
    """The checks are the inventory's; this form only asks and shows. A preview needs no reason."""

    asked = ("reason",)  # when it is saved

    text = TextField(
        required=False,
        strip=False,
        label="Template",
        help_text="${name} is replaced, $$ is a dollar, all else stands as it is. Empty: user data is left as it is.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, environments: Sequence[str], row: UserData | None, preview: bool = False) -> None:
        super().__init__(data, needed="" if preview else NEEDED, initial=_initial(row))
        self.environments = environments
        own = {f"{OF}{name}": _pairs(name) for name in environments}
        reason, seen = self.fields.pop("reason"), self.fields.pop("seen")
        prefix = forms.CharField(required=False, help_text="What ${prefix} and ${exports} put in front.")
        self.fields = {**self.fields, "prefix": prefix, **own, "reason": reason, "seen": seen}

    @property
    def shown(self) -> list[BoundField]:
        """Every field that people see."""
        return self.visible_fields()

    def settings(self) -> dict[str, Any]:
        """What was typed, as the inventory takes it; the form must be valid."""
        variables = {name: self.cleaned_data[f"{OF}{name}"] for name in self.environments}
        return {"text": self.cleaned_data["text"], "prefix": self.cleaned_data["prefix"], "variables": variables}

    def take_errors(self, error: ValidationError) -> None:
        """Puts what the inventory found wrong beside the fields it is about."""
        found: Mapping[str, Sequence[str]] = error.message_dict
        take(self, {name.replace("variables.", OF, 1): texts for name, texts in found.items()})


def _pairs(environment: str) -> PairsField:
    return PairsField(
        required=False,
        label=f"Variables in {environment}",
        help_text="One a line, as LOG_LEVEL=debug; for ${LOG_LEVEL}.",
    )


def _initial(row: UserData | None) -> dict[str, Any]:
    if row is None:
        return {"prefix": DEFAULT_PREFIX, "seen": 0}
    own = {f"{OF}{name}": values for name, values in row.variables.items()}
    return {"text": row.text, "prefix": row.prefix, "seen": row.number, **own}
