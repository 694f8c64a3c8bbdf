"""The janitor's rules as form fields, derived from what they declare; and keeping something from it."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms.options import field_of
from apps.console.forms.reason import ReasonForm
from apps.images.janitor import all_kinds
from apps.images.models import JanitorRules
from apps.images.services import rule_fields
from apps.images.services.janitor import RuleFields
from apps.images.services.janitor.rules import NEEDED
from apps.inventory.models import Environment


class RulesForm(ReasonForm):
    """Every rule, and why they are changed."""

    def __init__(self, data: Any, rules: JanitorRules) -> None:
        initial = {spec.name: getattr(rules, spec.name) for spec in rule_fields()}
        super().__init__(data, needed=NEEDED, initial=initial)
        self.fields = {**{spec.name: field_of(spec, RuleFields) for spec in rule_fields()}, **self.fields}

    def settings(self) -> dict[str, Any]:
        """What was chosen, by name; an emptied field takes the default. The form must be valid."""
        chosen = {spec.name: (self.cleaned_data[spec.name], spec.default) for spec in rule_fields()}
        return {name: default if value in (None, "") else value for name, (value, default) in chosen.items()}


class KeepForm(ReasonForm):
    """What shall be kept."""

    environment = forms.ChoiceField()
    region = forms.ChoiceField()
    kind = forms.ChoiceField()
    resource = forms.CharField(
        max_length=300, help_text="Its id; a launch template version as lt-0123:7, a group by its name."
    )
    field_order = ("environment", "region", "kind", "resource", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = dict(Environment.objects.order_by("name").values_list("name", "regions"))
        self._choices("environment", [(name, name) for name in places])
        regions = dict.fromkeys(region for each in places.values() for region in each)
        self._choices("region", [(region, region) for region in regions])
        self._choices("kind", [(slug, kind.title) for slug, kind in all_kinds().items()])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = choices
