"""Filter sets as the pages show them: plain labels, the usual ones first, the others folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import django_filters
from django.forms import BoundField

LABELS = {
    "application": "Application",
    "environment": "Environment",
    "region": "Region",
    "cluster": "Cluster",
    "actor": "By",
    "kind": "Kind",
    "state": "State",
    "image": "AMI",
    "since": "From",
    "until": "Before",
    "q": "Search",
    "owner": "Owner",
    "version": "Version",
    "commit": "Commit",
    "build": "Build",
    "architecture": "Architecture",
    "discovered": "Unclaimed",
}


@dataclass(frozen=True)
class Shown:
    """The fields of a filter form; `opened` when one of those folded away is in use."""

    first: tuple[BoundField, ...]
    more: tuple[BoundField, ...]
    opened: bool


def shown(filters: django_filters.FilterSet, first: Sequence[str]) -> Shown:
    """The filter's form, drawn with `first` in front. To be called before the filter is applied: that fixes labels."""
    form = filters.form
    for name, field in form.fields.items():
        field.label = LABELS.get(name, field.label)
        if hasattr(field, "empty_label"):
            field.empty_label = "any"
    more = tuple(form[name] for name in form.fields if name not in first)
    return Shown(tuple(form[name] for name in first), more, any(bound.value() or bound.errors for bound in more))
