"""Links are what Django's `reverse` answers, found in a way that does not take as long for each row of a list."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory, override_settings
from django.urls import set_script_prefix
from rest_framework.reverse import reverse

from apps.api.serializers.links import address

PLACE = {"environment": "prod", "region": "us-east-1"}


@pytest.mark.parametrize(
    ("view", "values"),
    [
        ("group-detail", {**PLACE, "name": "shop.web-prod-v013"}),
        ("group-detail", {**PLACE, "name": "eks/workers/blue"}),
        ("group-detail", {**PLACE, "name": "a b%2F{c}?ü#'\"+~;&=@"}),
        ("cluster-detail", {"name": "shop--x", **PLACE}),
        ("application-detail", {"name": "900000000"}),
        ("deployment-detail", {"pk": 7}),
    ],
)
@override_settings(ALLOWED_HOSTS=["deploy.example.com"])
def test_a_link_is_what_reverse_answers(view: str, values: dict[str, Any]) -> None:
    request = RequestFactory().get("/api/v1/groups/", HTTP_HOST="deploy.example.com:8443", secure=True)
    context: dict[str, Any] = {"request": request}
    for prefix in ("/", "/console/"):  # where the console lies below another site's root
        set_script_prefix(prefix)
        try:
            assert address(context, view, values) == reverse(f"api:{view}", kwargs=values, request=request)
            assert address({}, view, values) == reverse(f"api:{view}", kwargs=values)
        finally:
            set_script_prefix("/")
