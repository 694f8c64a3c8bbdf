"""URLs of the web console."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from apps.console.views import home, styleguide, theme

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("theme/", theme.choose, name="theme"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
