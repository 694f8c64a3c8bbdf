"""Filter sets as the pages show them: plain labels, the usual ones first, the others folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.forms import BoundField
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters.fields import IsoDateTimeField

from apps.console.build.states import RUN_STATES
from apps.deployments.changes.filters import ALL, HOURS, SPANS, ChangeFilter, kinds
from apps.deployments.filters import DeploymentFilter, FreezeScopeFilter
from apps.deployments.models import Deployment
from apps.images.filters import BakeFilter, BaseImageFilter, BuildFilter, MarkFilter, PromotionFilter
from apps.images.janitor import all_kinds
from apps.images.models import Gate, Mark
from apps.images.promotion.progress import Standing
from apps.inventory.filters import ClusterFilter, GroupFilter, ImageFilter, LaunchTemplateFilter, LoadBalancerFilter
from apps.inventory.models import Application, Environment
from apps.workflows.states import NOT_ENDED, RunState

LABELS = {
    "application": "Application",
    "environment": "Environment",
    "region": "Region",
    "cluster": "Cluster",
    "actor": "By",
    "kind": "Kind",
    "state": "State",
    "image": "AMI",
    "since": "From (UTC)",
    "until": "Before (UTC)",
    "hours": "Time",
    "q": "Search",
    "package": "Package",
    "branch": "Branch",
    "gate": "Gate",
    "outcome": "Outcome",
    "owner": "Owner",
    "name": "Whole name",
    "stack": "Stack",
    "detail": "Detail",
    "empty": "Without groups",
    "launch_template": "Launch template",
    "version": "Version",
    "commit": "Commit",
    "build": "Build",
    "architecture": "Architecture",
    "discovered": "Unclaimed",
    "base_image": "Base image",
    "standing": "May be baked upon",
    "live": "Not ended",
    "resource": "Resource",
}


class Moment(forms.DateTimeInput):
    """A date and time in UTC, picked with the browser's own means; what is none stays as it was typed."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["type"] = "text" if value and _moment(value) is None else "datetime-local"
        return context

    def format_value(self, value: Any) -> str | None:
        moment = _moment(value)
        if moment is None:
            return str(value) if value else None
        exact = "seconds" if moment.second else "minutes"
        return moment.replace(tzinfo=None).isoformat(timespec=exact)


def _moment(value: Any) -> datetime | None:
    """What REST would take the text for, in UTC; without an offset it is meant so."""
    try:
        moment = parse_datetime(str(value or "").strip())
        if moment is None:
            return None
        return (timezone.make_aware(moment, UTC) if timezone.is_naive(moment) else moment).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _states() -> list[tuple[str, str]]:
    """One choice a word that the lists use, and one for all that has not ended."""
    words = [(value.value, state.word) for value, state in RUN_STATES.items() if value != RunState.WAITING]
    return [*words, (NOT_ENDED[0], NOT_ENDED[1].lower())]


def _environments() -> list[tuple[str, str]]:
    return [(name, name) for name in Environment.objects.order_by("name").values_list("name", flat=True)]


def _kinds() -> list[tuple[str, str]]:
    return [(slug, slug.replace("-", " ")) for slug in all_kinds()]


def _applications() -> list[tuple[str, str]]:
    return [(name, name) for name in Application.objects.order_by("name").values_list("name", flat=True)]


def one_of(field: str, choices: Any, any_of_them: str | None, **more: Any) -> Any:
    """A filter by a choice from a list; `Any`, since the API's filter of the same name takes any text."""
    unknown = {"invalid_choice": "%(value)s is not known here."}
    return django_filters.ChoiceFilter(
        field_name=field, choices=choices, empty_label=any_of_them, error_messages=unknown, **more
    )


class Strict(django_filters.FilterSet):
    """Finds nothing where a filter is wrong: its error says why, and other rows would be misread."""

    @property
    def qs(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().qs
        return found if self.form.is_valid() else found.none()


class ImageListFilter(Strict, ImageFilter):
    """The images' filter with the environments to choose from."""

    environment = one_of("environment__name", _environments, "any environment")


class BuildListFilter(Strict, BuildFilter):
    """The builds' filter with the applications to choose from."""

    application = one_of("application__name", _applications, "any application")
    outcome = one_of("", Gate.Outcome.choices, "any outcome", method="of_outcome")


class LoadBalancerListFilter(Strict, LoadBalancerFilter):
    """The load balancers' filter with the environments to choose from."""

    environment = one_of("environment__name", _environments, "any environment")


class LaunchTemplateListFilter(Strict, LaunchTemplateFilter):
    """The launch templates' filter with the environments to choose from."""

    environment = one_of("environment__name", _environments, "any environment")


class ClusterListFilter(Strict, ClusterFilter):
    """The clusters' filter with the applications and environments to choose from."""

    application = one_of("application__name", _applications, "any application")
    environment = one_of("environment__name", _environments, "any environment")


class OtherGroupFilter(Strict, GroupFilter):
    """The groups' filter for those outside of the naming pattern, which belong to no application and no cluster."""

    environment = one_of("environment__name", _environments, "any environment")
    application: Any = None
    cluster: Any = None
    managed: Any = None


class OfRuns(Strict):
    """Filters what runs by the states that the lists say."""

    def __init__(self, data: Any, **more: Any) -> None:
        if data.get("state") == RunState.WAITING:  # finds the same, and is the word that the lists use
            data = data.copy()
            data["state"] = RunState.RUNNING.value
        super().__init__(data, **more)


class DeploymentListFilter(OfRuns, DeploymentFilter):
    """The deployments' filter in the words of the pages."""

    application = one_of("cluster__application__name", _applications, "any application")
    environment = one_of("cluster__environment__name", _environments, "any environment")
    kind = one_of("kind", Deployment.Kind.choices, "any kind")
    state = one_of("", _states, "any state", method="in_state")


class ChangeListFilter(OfRuns, ChangeFilter):
    """The filter of what changed in the words of the pages; of the last hours, unless other times are asked for."""

    USUAL = 12

    application = one_of("cluster__application__name", _applications, "any application")
    environment = one_of("cluster__environment__name", _environments, "any environment")
    state = one_of("", _states, "any state", method="in_state")
    kind = one_of("", [], "any kind", method="of_kind")
    hours = one_of("", SPANS, None, method="in_hours")

    def __init__(self, data: Any, **more: Any) -> None:
        data = data.copy()
        if data.get("since") or data.get("until"):
            data["hours"] = ALL
        elif not data.get("hours"):
            data["hours"] = str(self.USUAL)
        super().__init__(data, **more)
        self.filters["kind"].extra["choices"] = kinds(data.get("kind", ""))

    @property
    def span(self) -> str:
        """The last hours that are shown, in words; empty where other times are asked for."""
        chosen = self.form.cleaned_data.get("hours") if self.form.is_valid() else ""
        return HOURS[int(chosen)] if chosen and chosen != ALL else ""


class BakeListFilter(OfRuns, BakeFilter):
    """The bakes' filter in the words of the pages."""

    application = one_of("application__name", _applications, "any application")
    environment = one_of("environment__name", _environments, "any environment")
    state = one_of("", _states, "any state", method="in_state")


class PromotionListFilter(OfRuns, PromotionFilter):
    """The promotions' filter in the words of the pages: a list tells how each stands, which `state` is not."""

    LABELS: ClassVar = {
        "standing": "State",
        "state": "Run",
        "source": "Source",
        "target": "Target",
        "live": "Under way, or standing",
    }

    application = one_of("application", _applications, "any application")
    environment = one_of("", _environments, "any environment", method="by_environment")
    source = one_of("source__name", _environments, "any environment")
    target = one_of("target__name", _environments, "any environment")
    standing = one_of("", Standing.choices, "any state", method="in_standing")
    state = one_of("", _states, "any state", method="in_state")


class BaseImageListFilter(Strict, BaseImageFilter):
    """The base images' filter with the environments to choose from."""

    environment = one_of("environment__name", _environments, "any environment")


class MarkListFilter(Strict, MarkFilter):
    """The marks' filter with the environments, kinds and states to choose from."""

    LABELS: ClassVar = {"live": "Still marked"}

    environment = one_of("environment__name", _environments, "any environment")
    kind = one_of("kind", _kinds, "any kind")
    state = one_of("state", Mark.State.choices, "any state")


class FreezeListFilter(Strict, FreezeScopeFilter):
    """The freezes' filter; where they are in time is told by the page's parts."""

    environment = one_of("environment", _environments, "any environment")
    application = one_of("application", _applications, "any application")


@dataclass(frozen=True)
class Shown:
    """The fields of a filter form; `opened` when one of those folded away is in use."""

    first: tuple[BoundField, ...]
    more: tuple[BoundField, ...]
    opened: bool


def shown(filters: django_filters.FilterSet, first: Sequence[str]) -> Shown:
    """The filter's form, drawn with `first` in front. To be called before the filter is applied: that fixes labels."""
    form, labels = filters.form, {**LABELS, **getattr(filters, "LABELS", {})}
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        if hasattr(field, "empty_label") and field.empty_label is not None:
            field.empty_label = f"any {str(field.label).lower()}"
        if isinstance(field.widget, forms.NullBooleanSelect):
            field.widget.choices = [("unknown", "either"), ("true", "yes"), ("false", "no")]
        if isinstance(field, IsoDateTimeField):
            field.widget = Moment()
    more = tuple(form[name] for name in form.fields if name not in first)
    return Shown(tuple(form[name] for name in first), more, any(bound.value() or bound.errors for bound in more))
