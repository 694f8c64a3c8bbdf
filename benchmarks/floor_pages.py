"""The floors for pages and lists: a bare view each over the same rows, without anything of ours around it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from rest_framework import generics, serializers

from apps.inventory.models import Group, Instance

ROWS = 50
TABLE = engines["django"].from_string(
    "<!doctype html><title>Groups</title><table>{% for row in rows %}<tr><td>{{ row.name }}</td>"
    "<td>{{ row.environment.name }}</td><td>{{ row.region }}</td><td>{{ row.desired }}</td><td>{{ row.image_id }}</td>"
    "<td>{{ row.created_at }}</td></tr>{% endfor %}</table>"
)

ONE = engines["django"].from_string(
    "<!doctype html><title>{{ row.instance_id }}</title><h1>{{ row.instance_id }}</h1><p>{{ row.environment.name }} "
    "{{ row.region }} {{ row.group.name }} {{ row.state }} {{ row.image_id }} {{ row.launched_at }}</p>"
)


def alone(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, to be the only one: requests go to these views."""

    def to_these(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return answer(request)

    return to_these


def page(request: HttpRequest) -> HttpResponse:
    rows = Group.objects.select_related("environment", "cluster").order_by("name")[:ROWS]
    return HttpResponse(TABLE.render({"rows": rows}, request))


def one(request: HttpRequest) -> HttpResponse:
    row = Instance.objects.select_related("environment", "group").order_by("instance_id").first()
    return HttpResponse(ONE.render({"row": row}, request))


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


urlpatterns = [path("page/", page), path("one/", one), path("rest/", Groups.as_view())]
