"""What an administrator says of an environment."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms.pairs import WordsField


class EnvironmentForm(forms.Form):
    """The checks are the inventory's; this form only asks and shows."""

    name = forms.CharField(help_text="For example test or prod.")
    account_id = forms.CharField(label="AWS account", help_text="12 digits.")
    role_arn = forms.CharField(
        required=False, label="Role", help_text="The role to assume there; empty: the console's own credentials."
    )
    external_id = forms.CharField(required=False, label="External id")
    regions = WordsField(help_text="For example us-east-1, eu-west-1.")
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    production = forms.BooleanField(required=False, label="Production: marked so on every page")
    images_from = forms.CharField(
        required=False,
        label="Images come from",
        help_text="The environment whose promotions alone bring images here, for example test; empty: any image.",
    )

    def __init__(self, *args: Any, named: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if named:
            del self.fields["name"]
