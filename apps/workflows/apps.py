"""Django's entry to this app."""

from importlib import import_module

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "apps.workflows"

    def ready(self) -> None:
        for module in ("repay", "services"):
            import_module(f"{self.name}.{module}")
