"""The settings of a cluster as form fields, derived from what its policy declares; nothing is listed here."""

from __future__ import annotations

from typing import Any

from apps.console.forms.options import field_of
from apps.console.forms.reason import ReasonForm
from apps.deployments.models import ClusterPolicy
from apps.deployments.services import policy_fields
from apps.deployments.services.policy import PolicyFields

NEEDED = "Say why: a change of policy is recorded with its reason."


class PolicyForm(ReasonForm):
    """Every setting, and why they are changed."""

    def __init__(self, data: Any, policy: ClusterPolicy) -> None:
        initial = {spec.name: getattr(policy, spec.name) for spec in policy_fields()}
        super().__init__(data, needed=NEEDED, initial=initial)
        self.fields = {**{spec.name: field_of(spec, PolicyFields) for spec in policy_fields()}, **self.fields}

    def settings(self) -> dict[str, Any]:
        """What was chosen, by name; an emptied field takes the default. The form must be valid."""
        chosen = {spec.name: (self.cleaned_data[spec.name], spec.default) for spec in policy_fields()}
        return {name: default if value in (None, "") else value for name, (value, default) in chosen.items()}
