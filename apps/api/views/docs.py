"""The OpenAPI document and its browsable form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiView


class Schema(ApiView, SpectacularJSONAPIView):
    """The OpenAPI 3 document of this API."""

    schema = None
    serve_public = True  # every operation is described to everybody signed in, whatever their role
    authentication_classes = ApiView.authentication_classes
    permission_classes = ApiView.permission_classes

    def get(self, request: Request) -> Response:
        response: Response = super().get(request)  # type: ignore[no-untyped-call]  # drf-spectacular's views are untyped
        return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI over the document: static files only, so the console's content security policy holds here too."""
    return render(request, "api/docs.html")
