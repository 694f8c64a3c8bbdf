"""The floor for pages and lists: one bare view each over the same rows, without anything of ours around it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from rest_framework import generics, serializers

from apps.inventory.models import Group

ROWS = 50
TABLE = engines["django"].from_string(
    "<!doctype html><title>Groups</title><table>{% for row in rows %}<tr><td>{{ row.name }}</td>"
    "<td>{{ row.environment.name }}</td><td>{{ row.region }}</td><td>{{ row.desired }}</td><td>{{ row.image_id }}</td>"
    "<td>{{ row.created_at }}</td></tr>{% endfor %}</table>"
)


def page(request: HttpRequest) -> HttpResponse:
    rows = Group.objects.select_related("environment", "cluster").order_by("name")[:ROWS]
    return HttpResponse(TABLE.render({"rows": rows}, request))


class GroupSerializer(serializers.ModelSerializer[Group]):
    environment = serializers.CharField(source="environment.name")

    class Meta:
        model = Group
        fields = ["name", "environment", "region", "desired", "min_size", "max_size", "image_id", "created_at", "tags"]


class Groups(generics.ListAPIView[Group]):
    queryset = Group.objects.select_related("environment").order_by("name")[:ROWS]
    serializer_class = GroupSerializer
    authentication_classes: list[type] = []
    permission_classes: list[type] = []
    pagination_class = None


urlpatterns = [path("page/", page), path("rest/", Groups.as_view())]
