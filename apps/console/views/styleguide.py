"""Every component on one page, with examples and without a database: to look at, and for the tests to look at."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from apps.console import examples
from apps.console.design import tokens
from apps.console.filters import Shown
from apps.console.lists import Listing, with_query
from apps.console.pages.common import HistoryLine
from apps.deployments.models import Deployment


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="Letters, digits, dots and underscores.")
    owner = forms.EmailField(required=False)
    size = forms.ChoiceField(choices=[("s", "small"), ("m", "medium")])
    sure = forms.BooleanField(label="I know what this does")


class ExampleFilter(forms.Form):
    """What the example's list is filtered by."""

    by = forms.CharField(required=False)
    reason = forms.CharField(required=False)


SORTS: dict[str, Callable[[HistoryLine], str]] = {"what": lambda line: line.what, "when": lambda line: str(line.at)}


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page of all components."""
    now = timezone.now()
    asked, sort = ExampleFilter(request.GET), request.GET.get("sort", "-when")
    context = {
        "page": examples.cluster(now),
        "run": examples.deployment(now),
        "changes": examples.changes(now),
        "charts": examples.charts(),
        "form": ExampleForm({"name": "", "owner": "nobody", "size": "s", "sure": "on"}, prefix="example"),
        "tokens": tokens(),
        "lines": _lines(examples.history(now), sort, request.GET),
        "example_filter": Shown((asked["by"],), (asked["reason"],), bool(asked["reason"].value())),
        "example_listing": _listing(request, sort),
        "late": now - timedelta(seconds=90),
    }
    return render(request, "console/styleguide.html", context)


def _lines(lines: Sequence[HistoryLine], sort: str, asked: QueryDict) -> list[HistoryLine]:
    """The examples that the filter finds, as they are sorted."""
    found = [each for each in lines if asked.get("by", "") in each.actor and asked.get("reason", "") in each.reason]
    return sorted(found, key=SORTS.get(sort.removeprefix("-"), SORTS["when"]), reverse=sort.startswith("-"))


def _listing(request: HttpRequest, sort: str) -> Listing[Deployment]:
    """The first of two pages."""
    return Listing(
        rows=(),
        count=9,
        first=1,
        last=5,
        sort=sort,
        previous="",
        next=with_query(request.GET, page=2),
        filtered=any(request.GET.get(name) for name in ("by", "reason")),
    )
