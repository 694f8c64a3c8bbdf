"""What to bake, and which AMIs may be baked upon; the checks are those of the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.console.forms.errors import take
from apps.console.forms.reason import ReasonForm
from apps.images.models import Build
from apps.images.selectors import builds
from apps.images.services import BakeRequest
from apps.inventory.models import Application, Environment


class AnyChoice(forms.ChoiceField):
    """Offers some, and takes any: whether it will do is the images' to say, precisely."""

    def valid_value(self, value: Any) -> bool:
        return bool(value)


class BakeForm(ReasonForm):
    """An application with a version of its package, or a build that CI reported."""

    application = AnyChoice(required=False)
    version = forms.CharField(
        required=False,
        max_length=255,
        help_text="Exactly as the package repository has it, for example 4.2.0.",
        widget=forms.TextInput(attrs={"list": "versions"}),  # see `versions`
    )
    package = forms.CharField(required=False, max_length=255, help_text="Where it is not the one of the recipe.")
    build = forms.IntegerField(required=False, widget=forms.HiddenInput)
    rebake = forms.BooleanField(required=False, label="Make it again, although the same image is there already")

    asked = ("application", "version")

    def __init__(self, data: Mapping[str, Any] | None, *, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        with_recipe = Application.objects.filter(recipe__isnull=False).order_by("name")
        names = list(with_recipe.values_list("name", flat=True))
        given = str((initial if data is None else data).get("application") or "")
        names += [given] if given and given not in names else []
        field = self.fields["application"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = [("", "Choose an application…"), *((name, name) for name in names)]

    def versions(self) -> tuple[str, ...]:
        """What the builds of the chosen application offer, the newest first."""
        application = str(self["application"].value() or "")
        return builds.versions(application) if application else ()

    def clean(self) -> dict[str, Any]:
        for name, words in (("application", "Choose the application."), ("version", "Say which version.")):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, words)
        return self.cleaned_data

    def request(self) -> BakeRequest:
        """What to ask of the images; the form must be valid."""
        given = self.cleaned_data
        names = ("application", "version", "package", "build", "rebake", "reason")
        return BakeRequest(**{name: given[name] for name in names})

    def take_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Puts what the images found wrong beside the fields it is about; what is hidden has its place on top."""
        beside = {name: texts for name, texts in errors.items() if name != "build"}
        take(self, {**beside, **({"__all__": errors["build"]} if "build" in errors else {})})

    def what_is_missing(self) -> str:
        """Why there is no preview yet, in a sentence."""
        if not self.is_bound:
            return "Choose an application and a version."
        labels = [str(self[name].label) for name in self.errors if name in self.fields]
        return f"{' and '.join(labels)}: mend what is marked." if labels else ""


def of_build(build: Build) -> dict[str, Any]:
    """What a build says of what is to be baked, for the form."""
    return {
        "application": build.application.name,
        "version": build.version,
        "package": build.package,
        "build": build.pk,
    }


class BaseImageForm(ReasonForm):
    """An AMI that may be baked upon, and the name under which recipes ask for it. AWS tells its architecture."""

    field_order = ("environment", "region", "name", "image_id", "version", "reason")

    environment = forms.ChoiceField(help_text="Whose account bakes upon it.")
    region = forms.CharField(max_length=32, help_text="For example us-east-1.")
    name = forms.CharField(max_length=64, help_text="As recipes name it, for example debian-12.")
    image_id = forms.CharField(max_length=32, label="AMI", help_text="Its id, ami-….")
    version = forms.CharField(required=False, max_length=64, help_text="What people call this one.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["environment"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        names = Environment.objects.order_by("name").values_list("name", flat=True)
        field.choices = [(name, name) for name in names]
