"""The front door: what there is."""

from __future__ import annotations

from django.urls import resolve
from django.urls import reverse as django_reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.models import User
from apps.api.base import ApiView
from apps.api.permissions import role_needed

RESOURCES = {
    "applications": "application-list",
    "bakes": "bake-list",
    "base-images": "base-image-list",
    "promotions": "promotion-list",
    "provisioners": "provisioner-list",
    "environments": "environment-list",
    "clusters": "cluster-list",
    "groups": "group-list",
    "instances": "instance-list",
    "images": "image-list",
    "builds": "build-list",
    "load-balancers": "load-balancer-list",
    "target-groups": "target-group-list",
    "deployments": "deployment-list",
    "launch-templates": "launch-template-list",
    "freezes": "freeze-list",
    "janitor/marks": "janitor-mark-list",
    "janitor/keeps": "janitor-keep-list",
    "search": "search",
    "strategies": "strategy-list",
    "operations": "operation-list",
    "changes": "change-list",
    "events": "event-list",
    "me": "me",
    "tokens": "token-list",
    "webhooks": "webhook-list",
    "schema": "schema",
    "docs": "docs",
}


class Root(ApiView):
    """Links to everything this API has that the reader may read."""

    tag = "root"
    LINKS = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}

    @extend_schema(operation_id="root", responses={200: LINKS})
    def get(self, request: Request) -> Response:
        links = {name: reverse(f"api:{view}", request=request) for name, view in RESOURCES.items()}
        return Response({name: link for name, link in links.items() if _may_read(request, RESOURCES[name])})


def _may_read(request: Request, view: str) -> bool:
    """Whether the reader's role lets them read what a view answers."""
    kind = getattr(resolve(django_reverse(f"api:{view}")).func, "cls", None)
    return kind is None or (isinstance(request.user, User) and request.user.may(role_needed(kind, "GET")))
