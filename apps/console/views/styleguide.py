"""Every component on one page, with examples and without a database: to look at, and for the tests to look at."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.console import examples


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="Letters, digits, dots and underscores.")
    owner = forms.EmailField(required=False)
    size = forms.ChoiceField(choices=[("s", "small"), ("m", "medium")])
    sure = forms.BooleanField(label="I know what this does")


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page of all components."""
    now = timezone.now()
    form = ExampleForm({"name": "", "owner": "nobody", "size": "s", "sure": "on"}, prefix="example")
    context = {
        "page": examples.cluster(now),
        "run": examples.deployment(now),
        "lines": examples.changes(now),
        "charts": examples.charts(),
        "form": form,
    }
    return render(request, "console/styleguide.html", context)
