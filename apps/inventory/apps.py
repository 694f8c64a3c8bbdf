"""Django's entry to this app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "apps.inventory"
