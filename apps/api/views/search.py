"""Finding anything by a piece of its name or id."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api.base import ApiView
from apps.deployments.search import KINDS, search
from apps.inventory.selectors.search import SHORTEST, Hit


class HitSerializer(serializers.Serializer[Hit]):
    """One thing found."""

    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField()
    environment = serializers.CharField(help_text="Empty where it lies in none.")
    region = serializers.CharField()
    more = serializers.CharField(help_text="What tells it from its like.")
    url = serializers.SerializerMethodField()

    def get_url(self, hit: Hit) -> str:
        arguments: dict[str, Any] = {"environment": hit.environment, "region": hit.region, "name": hit.name}
        if hit.kind == "application":
            arguments = {"name": hit.name}
        elif hit.kind in {"deployment", "bake"}:
            arguments = {"pk": hit.name.rpartition(" ")[2]}
        elif hit.kind == "build":
            arguments = {"pk": hit.key}
        return reverse(f"api:{hit.kind}-detail", kwargs=arguments, request=self.context.get("request"))


class Search(ApiView):
    """Anything by a piece of its name or id, the best of each kind first."""

    tag = "search"

    def known_parameters(self) -> set[str]:
        return {"q"}

    @extend_schema(
        operation_id="search",
        parameters=[OpenApiParameter("q", str, description=f"At least {SHORTEST} letters of it, or a number.")],
        responses=HitSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """At most 8 of each kind; none for fewer letters than it takes."""
        words = request.query_params.get("q", "").replace("\0", "")
        return Response([HitSerializer(hit, context={"request": request}).data for hit in search(words)])
