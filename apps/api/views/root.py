"""The front door: what there is."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api.base import ApiView

RESOURCES = {
    "applications": "application-list",
    "bakes": "bake-list",
    "base-images": "base-image-list",
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
    "search": "search",
    "strategies": "strategy-list",
    "operations": "operation-list",
    "events": "event-list",
    "me": "me",
    "tokens": "token-list",
    "webhooks": "webhook-list",
    "schema": "schema",
    "docs": "docs",
}


class Root(ApiView):
    """Links to everything this API has."""

    tag = "root"
    LINKS = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}

    @extend_schema(operation_id="root", responses={200: LINKS})
    def get(self, request: Request) -> Response:
        return Response({name: reverse(f"api:{view}", request=request) for name, view in RESOURCES.items()})
