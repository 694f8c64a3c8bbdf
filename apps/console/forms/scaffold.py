"""The forms of scaffolding and of its removal: where, which cluster, what it shall be like, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from apps.console.forms.options import field_of
from apps.console.forms.reason import OverridingForm
from apps.deployments.scaffold.wishes import RemovalRequest, ScaffoldRequest, Wishes
from apps.inventory.models import Environment
from apps.workflows.options import specs


@dataclass(frozen=True)
class Fold:
    """Options that are of use together, folded away; `opened` where one of them is in use, or in error."""

    title: str
    fields: tuple[BoundField, ...]

    @property
    def opened(self) -> bool:
        return any(each.errors or each.data not in (None, "", False, str(each.initial)) for each in self.fields)


class PlacedForm(OverridingForm):
    """A cluster of an application in one environment and region."""

    place = forms.ChoiceField(label="Environment and region")
    cluster = forms.CharField(
        max_length=255, label="Cluster", help_text="As hello-world: the application hello, the stack world."
    )
    confirmation = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        label="Type the cluster's name to confirm",
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, application: str, environments: Iterable[Environment]
    ) -> None:
        super().__init__(data, initial={"cluster": application})
        self.application = application
        places = [f"{each.name} {region}" for each in environments for region in each.regions]
        none = [("", "Choose…")] if len(places) > 1 else []  # what makes or removes things is of no place by itself
        self.fields["place"].choices = none + [(place, place) for place in places]  # type: ignore[attr-defined]

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked for by rules of its own: not called optional."""
        overriding = self.is_bound and not self.errors.get("overrides") and self.cleaned_data.get("overrides")
        return ("confirmation", *(("reason",) if overriding else ()))

    @property
    def options(self) -> list[BoundField]:
        """The options' fields that are of use to everybody."""
        return []

    @property
    def folds(self) -> list[Fold]:
        """All others."""
        return []

    @property
    def _where(self) -> dict[str, Any]:
        environment, _, region = str(self.cleaned_data["place"]).partition(" ")
        return {
            "application": self.application,
            "environment": environment,
            "region": region,
            "cluster": self.cleaned_data["cluster"].strip(),
            "reason": self.cleaned_data.get("reason", ""),
            "overrides": tuple(self.cleaned_data.get("overrides", ())),
        }

    def confirmed(self, why: str) -> bool:
        """Whether the cluster's name was typed, if there is a reason `why` to ask for it; if not, the field says so."""
        name = str(self.cleaned_data["cluster"]).strip()
        if not why or str(self.cleaned_data.get("confirmation", "")).strip() == name:
            return True
        self.add_error("confirmation", f"{why} Type {name} if that is meant.")
        return False

    def take_errors(self, errors: Mapping[str, Any]) -> None:
        """Puts what the deployments found wrong beside the fields it is about."""
        for name, sentences in errors.items():
            field = name.replace("options.", "option-", 1)
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


class RemovalForm(PlacedForm):
    """What was scaffolded is to be removed."""

    def request(self) -> RemovalRequest:
        """What to ask of the deployments; the form must be valid but for its confirmation."""
        return RemovalRequest(**self._where)


class ScaffoldForm(PlacedForm):
    """An option that is left empty is not sent: it is as it stands, or as its help says."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, application: str, environments: Iterable[Environment]
    ) -> None:
        super().__init__(data, application=application, environments=environments)
        for spec in specs(Wishes):
            self.fields[f"option-{spec.name}"] = field_of(spec, Wishes)
        self.fields["option-image"].widget.attrs["list"] = "first-images"

    @property
    def options(self) -> list[BoundField]:
        return self._of_section("")

    @property
    def folds(self) -> list[Fold]:
        titles = dict.fromkeys(spec.section for spec in specs(Wishes) if spec.section)
        return [Fold(title, tuple(self._of_section(title))) for title in titles]

    def _of_section(self, title: str) -> list[BoundField]:
        return [self[f"option-{spec.name}"] for spec in specs(Wishes) if spec.section == title]

    def request(self) -> ScaffoldRequest:
        """What to ask of the deployments."""
        given = {spec.name: self.cleaned_data.get(f"option-{spec.name}") for spec in specs(Wishes)}
        return ScaffoldRequest(options={k: v for k, v in given.items() if v not in (None, "")}, **self._where)
