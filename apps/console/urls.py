"""URLs of the web console."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = []
