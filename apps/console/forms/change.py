"""The form of an operation on one group: its options, why, and the group's name where traffic is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from apps.console.forms.options import field_of
from apps.console.forms.reason import OverridingForm
from apps.deployments.operations import Operation
from apps.deployments.requests import ChangeRequest
from apps.deployments.strategies.options import OptionSpec


class ChangeForm(OverridingForm):
    """An option that is left empty is not sent: it stays as it is."""

    confirmation = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(
        self, data: Mapping[str, Any] | None, *, operation: Operation, group: str, initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.operation, self.group = operation, group
        for spec in operation.options:
            self.fields[_name(spec)] = field_of(spec, operation.options_type)
        self.fields["confirmation"].label = f"Type {group} to confirm"

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked for by rules of its own: not called optional."""
        overriding = self.is_bound and not self.errors.get("overrides") and self.cleaned_data.get("overrides")
        return ("confirmation", "option-instance", *(("reason",) if overriding else ()))

    @property
    def options(self) -> list[BoundField]:
        """The options' fields, as the template draws them."""
        return [self[_name(spec)] for spec in self.operation.options]

    def request(self, environment: str, region: str, *, queue: bool = False) -> ChangeRequest:
        """What to ask of the deployments; the form must be valid but for its confirmation."""
        given = {spec.name: self.cleaned_data.get(_name(spec)) for spec in self.operation.options}
        return ChangeRequest(
            environment,
            region,
            self.group,
            self.operation.slug,
            {name: value for name, value in given.items() if value not in (None, "")},
            self.cleaned_data.get("reason", ""),
            queue,
            overrides=tuple(self.cleaned_data.get("overrides", ())),
        )

    def confirmed(self) -> bool:
        """Whether the group's name was typed; if not, the field says so."""
        if str(self.cleaned_data.get("confirmation", "")).strip() == self.group:
            return True
        why = "This cannot be put back." if self.operation.confirms else "This goes against what holds it back."
        self.add_error("confirmation", f"{why} Type {self.group} if that is meant.")
        return False

    def take_errors(self, errors: Mapping[str, Any]) -> None:
        """Puts what the deployments found wrong beside the fields it is about."""
        for name, sentences in errors.items():
            field = name.replace("options.", "option-", 1)
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


def _name(spec: OptionSpec) -> str:
    return f"option-{spec.name}"
