"""Filter sets as the pages show them: plain labels, the usual ones first, the others folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.forms import BoundField

from apps.console.build.states import RUN_STATES
from apps.deployments.filters import DeploymentFilter, FreezeScopeFilter
from apps.deployments.models import Deployment
from apps.inventory.filters import ImageFilter, LaunchTemplateFilter, LoadBalancerFilter
from apps.inventory.models import Application, Environment
from apps.workflows.states import RunState

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


GOING = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)


def _states() -> list[tuple[str, str]]:
    """One choice a word that the lists use."""
    return [(value, state.word) for value, state in RUN_STATES.items() if value != RunState.WAITING]


def _environments() -> list[tuple[str, str]]:
    return [(name, name) for name in Environment.objects.order_by("name").values_list("name", flat=True)]


def _applications() -> list[tuple[str, str]]:
    return [(name, name) for name in Application.objects.order_by("name").values_list("name", flat=True)]


def _one_of(field: str, choices: Any, any_of_them: str, **more: Any) -> Any:
    """A filter by a choice from a list; `Any`, since the API's filter of the same name takes any text."""
    unknown = {"invalid_choice": "%(value)s is not known here."}
    return django_filters.ChoiceFilter(
        field_name=field, choices=choices, empty_label=any_of_them, error_messages=unknown, **more
    )


class _Strict(django_filters.FilterSet):
    """Finds nothing where a filter is wrong: its error says why, and other rows would be misread."""

    @property
    def qs(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().qs
        return found if self.form.is_valid() else found.none()


class ImageListFilter(_Strict, ImageFilter):
    """The images' filter with the environments to choose from."""

    environment = _one_of("environment__name", _environments, "any environment")


class LoadBalancerListFilter(_Strict, LoadBalancerFilter):
    """The load balancers' filter with the environments to choose from."""

    environment = _one_of("environment__name", _environments, "any environment")


class LaunchTemplateListFilter(_Strict, LaunchTemplateFilter):
    """The launch templates' filter with the environments to choose from."""

    environment = _one_of("environment__name", _environments, "any environment")


class DeploymentListFilter(_Strict, DeploymentFilter):
    """The deployments' filter in the words of the pages: what is queued, worked at or waiting is running."""

    application = _one_of("cluster__application__name", _applications, "any application")
    environment = _one_of("cluster__environment__name", _environments, "any environment")
    kind = _one_of("kind", Deployment.Kind.choices, "any kind")
    state = _one_of("", _states, "any state", method="in_state")

    def __init__(self, data: Any, **more: Any) -> None:
        if data.get("state") == RunState.WAITING:
            data = data.copy()
            data["state"] = RunState.RUNNING.value
        super().__init__(data, **more)

    def in_state(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        """Those of which the list says so."""
        del name
        return rows.filter(run__state__in=GOING if value == RunState.RUNNING else [value])


class FreezeListFilter(_Strict, FreezeScopeFilter):
    """The freezes' filter; where they are in time is told by the page's parts."""

    environment = _one_of("environment", _environments, "any environment")
    application = _one_of("application", _applications, "any application")


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
            field.empty_label = f"any {str(field.label).lower()}"
    more = tuple(form[name] for name in form.fields if name not in first)
    return Shown(tuple(form[name] for name in first), more, any(bound.value() or bound.errors for bound in more))
