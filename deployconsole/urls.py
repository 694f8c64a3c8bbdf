"""URLs of the whole installation."""

from django.urls import include, path, re_path

from apps.api.views.unknown import UnknownUrl

handler400 = "apps.api.views.malformed.malformed"
urlpatterns = [
    path("healthz/", include("apps.api.health")),
    path("api/v1/", include("apps.api.urls")),
    re_path(r"^api(/|$)", UnknownUrl.as_view()),
    path("accounts/", include("apps.accounts.urls")),
    path("", include("apps.console.urls")),
]
