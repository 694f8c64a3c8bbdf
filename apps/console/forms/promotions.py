"""Whom an AMI is promoted to, and why one is taken back; the checks are those of the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.console.forms.bakes import AnyChoice
from apps.console.forms.errors import take
from apps.console.forms.reason import ReasonForm
from apps.images.services import PromotionRequest


class PromoteForm(ReasonForm):
    """The environment that shall launch it; `targets` are those to choose from."""

    asked: tuple[str, ...] = ()  # fields that may not stay empty

    target = AnyChoice(label="To", help_text="The environment whose account shall launch it.")

    def __init__(self, data: Mapping[str, Any] | None, *, targets: Sequence[str], to: str = "") -> None:
        super().__init__(data, initial={"target": to or (targets[0] if len(targets) == 1 else "")})
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = [("", "Choose an environment…"), *((name, name) for name in targets)]
        field.error_messages["required"] = "Choose the environment."

    def ask_why(self, needed: bool) -> None:
        """The reason is not called optional where `promote` asks for it."""
        self.asked = ("reason",) if needed else ()

    def request(self, image: str) -> PromotionRequest:
        """What to ask of the images; the form must be valid."""
        return PromotionRequest(image, self.cleaned_data["target"], self.cleaned_data["reason"])

    def take_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Puts what the images found wrong beside the fields it is about; what is about the AMI, on top."""
        beside = {name: texts for name, texts in errors.items() if name in self.fields}
        rest = [text for name, texts in errors.items() if name not in self.fields for text in texts]
        take(self, {**beside, **({"__all__": rest} if rest else {})})


class RevokeForm(ReasonForm):
    """Why; and where something still uses it, that it is taken back all the same."""

    although_used = forms.BooleanField(required=False, label="Take it back although it is used")

    def __init__(self, *args: Any, used: bool, **kwargs: Any) -> None:
        super().__init__(*args, needed="Say why: that it is used is overridden by this." if used else "", **kwargs)
        if not used:
            del self.fields["although_used"]

    def clean(self) -> dict[str, Any]:
        if "although_used" in self.fields and not self.cleaned_data.get("although_used"):
            self.add_error("although_used", "Mark this if that is meant.")
        return self.cleaned_data
