"""What people say of an application."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms.pairs import PairsField


class ApplicationForm(forms.Form):
    """The checks are the inventory's; this form only asks and shows."""

    name = forms.CharField(help_text="Letters, digits, dots and underscores, as in the names of its groups.")
    owner = forms.CharField(required=False, help_text="Who answers for it.")
    email = forms.CharField(required=False, label="E-mail", widget=forms.EmailInput)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    repository_url = forms.CharField(required=False, label="Repository URL", widget=forms.URLInput)
    health_check_path = forms.CharField(required=False, label="Health check path", help_text="For example /healthz.")
    log_link_template = forms.CharField(
        required=False,
        label="Link to logs",
        help_text="May hold {instance}, {group}, {cluster}, {region}, {environment} and {address}.",
    )
    tags = PairsField(required=False, help_text="One a line, as team=shop.")

    def __init__(self, *args: Any, named: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if named:
            del self.fields["name"]
