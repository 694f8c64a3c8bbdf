"""Django's entry to this app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "apps.api"
