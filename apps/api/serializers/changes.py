"""What changed, in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.links import address
from apps.deployments.changes import Altered, Change
from apps.deployments.changes.timeline import DEPLOYMENT, EVENT
from apps.workflows.states import RunState

VIEWS: Mapping[str, tuple[str, str]] = {  # by what a change is about: the view, and the argument that names one
    "deployment": ("deployment-detail", "pk"),
    "bake": ("bake-detail", "pk"),
    "promotion": ("promotion-detail", "pk"),
    "recipe": ("application-recipe", "name"),
    "application": ("application-detail", "name"),
    "environment": ("environment-detail", "name"),
    "freeze": ("freeze-detail", "pk"),
    "janitor-rules": ("janitor-rules-detail", "name"),
}
LISTS: Mapping[str, tuple[str, str]] = {  # where only a list is found by it: the view, and the filter
    "base-image": ("base-image-list", "image"),
    "janitor-mark": ("janitor-mark-list", "resource"),
    "janitor-keep": ("janitor-keep-list", "resource"),
}


class AlteredSerializer(serializers.Serializer[Altered]):
    """One value that is another one now, in words; empty where there was, or is, none."""

    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Change]):
    """A deployment, or something else that somebody changed."""

    url = serializers.SerializerMethodField(help_text="Where it is told at length; null where nothing is.")
    source: Any = serializers.ChoiceField([DEPLOYMENT, EVENT])
    id = serializers.IntegerField(source="number", help_text="Of the deployment, or of the event.")
    kind = serializers.CharField(help_text="Of the deployment, as `push`; of the event, as `recipe.changed`.")
    at = serializers.DateTimeField(help_text="When it ended or happened; of what goes on, when it began.")
    summary = serializers.CharField()
    state = serializers.ChoiceField(
        RunState.choices, allow_blank=True, help_text="Of a deployment, bake or promotion; empty of all else."
    )
    says = serializers.CharField(help_text="Why it ended so, or what it waits for; empty where nothing is to say.")
    changed = AlteredSerializer(source="altered", many=True)
    actor = serializers.CharField()
    reason = serializers.CharField()
    environment = serializers.CharField(help_text="Empty where it is about every one.")
    region = serializers.CharField()
    cluster = serializers.CharField()

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_url(self, change: Change) -> str | None:
        about, place = change.about, (change.environment, change.region, change.cluster)
        if about is None:
            names = dict(zip(("environment", "region", "name"), place, strict=True))
            return address(self.context, "cluster-detail", names) if all(place) else None
        if about.noun in LISTS:
            view, name = LISTS[about.noun]
            return f"{address(self.context, view, {})}?{urlencode({name: about.key})}"
        view, name = VIEWS[about.noun]
        return address(self.context, view, {name: about.key})
