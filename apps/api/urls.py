"""URLs of the REST API."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.urls import path, re_path
from django.urls.resolvers import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from apps.api.views.docs import Schema, docs
from apps.api.views.events import Events
from apps.api.views.me import Me
from apps.api.views.root import Root
from apps.api.views.tokens import Tokens
from apps.api.views.unknown import UnknownUrl

router = SimpleRouter(use_regex_path=False)
router.register("events", Events)
router.register("tokens", Tokens)

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", Root.as_view(), name="root"),
    path("me/", Me.as_view(), name="me"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", login_required(docs), name="docs"),
    *router.urls,
    re_path(r"", UnknownUrl.as_view(), name="unknown"),
]
