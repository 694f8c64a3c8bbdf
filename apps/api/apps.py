"""Django's entry to this app."""

from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "apps.api"

    def ready(self) -> None:
        import_module("deployconsole.checks")  # importing it registers the checks
