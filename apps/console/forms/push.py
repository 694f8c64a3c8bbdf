"""The push form: what to push, how, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.console.forms.options import Offered, fields_of, offer, values_of
from apps.console.forms.overrides import CodesField
from apps.console.pages.common import Place
from apps.deployments.requests import PushRequest
from apps.deployments.strategies.base import Strategy
from apps.workflows.states import OnFailure


class ImageField(forms.ChoiceField):
    """Offers images, and takes any: whether it can be launched is the deployments' to say, precisely."""

    def valid_value(self, value: Any) -> bool:
        return bool(value)


class PushForm(forms.Form):
    """Image, strategy, options, reason; the cluster's name, where a way back or what holds it back is given up."""

    image = ImageField(required=False)
    other_image = forms.CharField(
        required=False, max_length=40, label="Another AMI", help_text="Its id, where it is not in the list above."
    )
    strategy = forms.ChoiceField(widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever looks at this at night will be glad of it.",
    )
    on_failure = forms.ChoiceField(
        required=False, choices=OnFailure.choices, initial=OnFailure.UNDO, label="When a step fails"
    )
    overrides = CodesField()
    confirmation = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        place: Place,
        strategies: Mapping[str, Strategy],
        images: Sequence[tuple[str, str]],
        image: str = "",
    ) -> None:
        first = next(iter(strategies), "")
        super().__init__(data, initial={"image": image, "strategy": first})
        self.place, self.strategies = place, strategies
        self._choices("image", [("", "Choose an image…"), *images])
        self._choices("strategy", [(one.slug, one.title) for one in strategies.values()])
        for strategy in strategies.values():
            self.fields.update(fields_of(strategy))
        self.fields["confirmation"].label = f"Type {place.cluster} to confirm"

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked for by rules of their own: a reason, where something is overridden."""
        overriding = self.is_bound and not self.errors.get("overrides") and self.cleaned_data.get("overrides")
        return ("image", "confirmation", *(("reason",) if overriding else ()))

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        listed, other = cleaned.get("image", ""), cleaned.get("other_image", "").strip()
        cleaned["image"] = other or listed
        if other and listed and other != listed:
            text = f"{listed} is chosen in the list above. Choose nothing there, or leave this empty."
            self.add_error("other_image", text)
        elif not cleaned["image"]:
            self.add_error("image", "Choose the image to push.")
        return cleaned

    def confirmed(self, why: str) -> bool:
        """Whether the cluster's name was typed, if there is a reason `why` to ask for it; if not, the field says so."""
        if not why or str(self.cleaned_data.get("confirmation", "")).strip() == self.place.cluster:
            return True
        self.add_error("confirmation", f"{why} Type {self.place.cluster} if that is meant.")
        return False

    def request(self, *, queue: bool = False) -> PushRequest:
        """What to ask of the deployments; the form must be valid but for its confirmation."""
        cleaned = self.cleaned_data
        environment, region, cluster = self.place.address
        slug = cleaned["strategy"]
        return PushRequest(
            environment=environment,
            region=region,
            cluster=cluster,
            image=cleaned["image"],
            strategy=slug,
            options=values_of(self.strategies[slug], cleaned),
            reason=cleaned.get("reason", ""),
            overrides=tuple(cleaned.get("overrides", ())),
            on_failure=cleaned.get("on_failure") or OnFailure.UNDO,
            queue=queue,
        )

    def ready_for_preview(self) -> bool:
        """Whether everything but the confirmation is valid."""
        return self.is_bound and not set(self.errors) - {"confirmation", "reason"}

    def take_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Puts what the deployments found wrong beside the fields it is about."""
        slug = self.data.get("strategy", "")
        for name, sentences in errors.items():
            field = name.replace("options.", f"{slug}-", 1) if name.startswith("options.") else name
            if name == "image" and self.data.get("other_image", "").strip():
                field = "other_image"
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)

    def nothing_chosen(self) -> bool:
        """Whether no image was named, neither way."""
        return not any(str(self.data.get(name, "")).strip() for name in ("image", "other_image"))

    def what_is_missing(self) -> str:
        """Why there is no preview yet, in a sentence; empty when nothing stands in its way."""
        wrong = [name for name in self.errors if name not in {"confirmation", "reason"}]
        if not self.is_bound or wrong == ["image"]:
            return "Choose an image."
        labels = [str(self[name].label) for name in wrong if name in self.fields]
        return f"{' and '.join(labels)}: mend what is marked." if labels else ""

    def offered(self) -> list[Offered]:
        """The strategies with their fields, for the template."""
        chosen = self["strategy"].value()
        return [offer(self, strategy, chosen) for strategy in self.strategies.values()]
