"""Django's entry to this app."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "apps.events"
