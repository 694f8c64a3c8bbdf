"""Django's entry to this app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "apps.console"
