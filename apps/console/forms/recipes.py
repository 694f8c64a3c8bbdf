"""How an application's image is made; a provisioner's options are derived from what it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from apps.console.forms.options import Offered, field_name, fields_of, offer, values_of
from apps.console.forms.pairs import WordsField
from apps.images.models import Recipe
from apps.images.provisioners import Provisioner
from apps.images.services.bases import ARCHITECTURES
from apps.inventory.models import Environment


class RecipeForm(forms.Form):
    """Every setting of a recipe. `USUAL` are shown in front, all others folded away."""

    environment = forms.ChoiceField(help_text="The account that bakes.")
    region = forms.CharField(max_length=32, help_text="Where it is made, for example us-east-1.")
    copies = WordsField(required=False, label="Copy to", help_text="Further regions of that environment.")
    base = forms.CharField(max_length=64, label="Base image", help_text="Its name; the latest that is approved.")
    architecture = forms.ChoiceField(choices=[(each, each) for each in ARCHITECTURES])
    package = forms.CharField(required=False, max_length=255, help_text="Empty: called as the application.")
    repository = forms.CharField(required=False, max_length=1000, help_text="Where the package comes from.")
    provisioner = forms.ChoiceField(widget=forms.RadioSelect)
    base_pinned = forms.CharField(
        required=False, max_length=32, label="Base image pinned to", help_text="An AMI id; empty: the latest approved."
    )
    instance_type = forms.CharField(max_length=32, initial="t3.small", label="Instance type of the builder")
    subnet = forms.CharField(required=False, max_length=32, help_text="Empty: the region's default one.")
    security_groups = WordsField(required=False, label="Security groups", help_text="Of the builder, by id.")
    instance_profile = forms.CharField(required=False, max_length=255, label="Instance profile")
    bucket = forms.CharField(
        required=False, max_length=63, help_text="Takes the builder's whole log; empty: its console does."
    )
    timeout_seconds = forms.IntegerField(min_value=1, initial=1800, label="Gives up after, seconds")
    gates = WordsField(required=False, help_text="That a build must have passed to be pushed, as unit, regression.")
    git = forms.CharField(
        required=False, max_length=1000, label="Source", help_text="A local clone, or a GitHub or GitLab project."
    )
    ticket_pattern = forms.CharField(
        required=False, max_length=255, label="Ticket pattern", help_text="A regular expression, as [A-Z]+-[0-9]+."
    )
    ticket_url = forms.CharField(
        required=False, max_length=1000, label="Link to tickets", help_text="With {ticket} in it."
    )
    check_first = forms.BooleanField(required=False, label="Check the package before each bake")
    check_root = forms.CharField(
        required=False, max_length=64, label="Distribution", help_text="As debian-12, for checks; empty: as the base."
    )
    check_start = forms.CharField(
        required=False, max_length=1000, label="Command that starts the service", help_text="For checks of the package."
    )
    check_path = forms.CharField(required=False, max_length=255, label="Path it must answer", help_text="As /health.")
    check_port = forms.IntegerField(
        required=False, min_value=1, max_value=65_535, initial=8080, label="Port it answers on"
    )
    check_command = forms.CharField(
        required=False, max_length=1000, label="Command that must succeed", help_text="Once the package is installed."
    )
    check_seconds = forms.IntegerField(
        required=False, min_value=1, max_value=40, initial=10, label="Well within, seconds"
    )

    USUAL = ("environment", "region", "copies", "base", "architecture", "package", "repository")

    def __init__(
        self, data: Mapping[str, Any] | None, *, provisioners: Mapping[str, Provisioner], recipe: Recipe | None
    ) -> None:
        super().__init__(data, initial=_initial(recipe, provisioners))
        self.provisioners = provisioners
        self._choices("environment", [(name, name) for name in _environments()])
        self._choices("provisioner", [(each.slug, each.title) for each in provisioners.values()])
        for each in provisioners.values():
            self.fields.update(fields_of(each))

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = choices

    @property
    def usual(self) -> list[BoundField]:
        """What everybody fills in."""
        return [self[name] for name in self.USUAL]

    @property
    def more(self) -> list[BoundField]:
        """What few change."""
        return [self[name] for name in self.base_fields if name not in {*self.USUAL, "provisioner"}]

    @property
    def more_opened(self) -> bool:
        """Whether one of those is in error: shown then."""
        return any(bound.errors for bound in self.more)

    def settings(self) -> dict[str, Any]:
        """The whole recipe as the images take it; the form must be valid."""
        chosen = self.cleaned_data["provisioner"]
        given = {name: self.cleaned_data[name] for name in self.base_fields}
        settings = {name: value for name, value in given.items() if value is not None}  # a number left out stays
        return {**settings, "options": values_of(self.provisioners[chosen], self.cleaned_data)}

    def take_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Puts what the images found wrong beside the fields it is about."""
        chosen = self.data.get("provisioner", "")
        for name, sentences in errors.items():
            field = name.replace("options.", field_name(chosen, ""), 1) if name.startswith("options.") else name
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)

    def offered(self) -> list[Offered]:
        """The provisioners with their fields, for the template."""
        chosen = self["provisioner"].value()
        return [offer(self, each, chosen) for each in self.provisioners.values()]


def _environments() -> list[str]:
    return list(Environment.objects.order_by("name").values_list("name", flat=True))


def _initial(recipe: Recipe | None, provisioners: Mapping[str, Provisioner]) -> dict[str, Any]:
    """What the recipe says now; where there is none, the first provisioner is chosen."""
    if recipe is None:
        return {"provisioner": next(iter(provisioners), "")}
    now = {name: getattr(recipe, name) for name in RecipeForm.base_fields}
    options = {field_name(recipe.provisioner, name): value for name, value in recipe.options.items()}
    return {**now, **options, "environment": recipe.environment.name}
