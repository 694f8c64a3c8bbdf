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
from apps.workflows.options import OptionSpec

INSTANCE = "option-instance"


class ChangeForm(OverridingForm):
    """An option that is left empty is not sent: it stays as it is.

    `instances` are those to choose from, where one is to be named: what they are called, by id.
    """

    confirmation = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        operation: Operation,
        group: str,
        initial: Mapping[str, Any],
        instances: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.operation, self.group = operation, group
        for spec in operation.options:
            self.fields[_name(spec)] = field_of(spec, operation.options_type)
        if operation.of == "instance" and instances:
            given = str((initial if data is None else data).get(INSTANCE) or "").strip()
            self.fields[INSTANCE] = _choice(self.fields[INSTANCE], instances, given)
        self.fields["confirmation"].label = f"Type {group} to confirm"

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked for by rules of its own: not called optional."""
        overriding = self.is_bound and not self.errors.get("overrides") and self.cleaned_data.get("overrides")
        return ("confirmation", INSTANCE, *(("reason",) if overriding else ()))

    @property
    def part(self) -> str:
        """The instance, policy or schedule that is named by now."""
        name = f"option-{self.operation.of}"
        return str(self[name].value() or "").strip() if name in self.fields else ""

    def tell(self, now: Mapping[str, str]) -> None:
        """Says beside each option what it is now."""
        for name, words in now.items():
            if f"option-{name}" in self.fields:
                shown = self[f"option-{name}"]  # made when the form was looked at, with the help that it had then
                shown.help_text = shown.field.help_text = f"{shown.field.help_text} Now: {words}.".strip()

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

    def confirmed(self, why: str) -> bool:
        """Whether the group's name was typed, if there is a reason `why` to ask for it; if not, the field says so."""
        if not why or str(self.cleaned_data.get("confirmation", "")).strip() == self.group:
            return True
        self.add_error("confirmation", f"{why} Type {self.group} if that is meant.")
        return False

    def say_why(self, why: str) -> None:
        """Says beside the confirmation why it is asked for."""
        shown = self["confirmation"]
        shown.help_text = shown.field.help_text = why

    def take_errors(self, errors: Mapping[str, Any]) -> None:
        """Puts what the deployments found wrong beside the fields it is about."""
        for name, sentences in errors.items():
            field = name.replace("options.", "option-", 1)
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


def _choice(field: forms.Field, known: Mapping[str, str], given: str) -> forms.Field:
    """The same as a choice among those that are known; one that was given though it is not among them stays."""
    more = {} if not given or given in known else {given: given}
    return forms.ChoiceField(
        choices=[("", "Choose one"), *{**more, **known}.items()],
        label=field.label,
        help_text="",
        initial=field.initial,
        required=False,
    )


def _name(spec: OptionSpec) -> str:
    return f"option-{spec.name}"
