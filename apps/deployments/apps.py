"""Django's entry to this app: finds drivers, step kinds, strategies, operations, checks, and kinds for the janitor."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "apps.deployments"

    def ready(self) -> None:
        for package in ("drivers", "steps", "strategies", "operations", "preflight.checks", "janitor"):
            found = import_module(f"{self.name}.{package}")
            for module in iter_modules(found.__path__):
                import_module(f"{found.__name__}.{module.name}")
        for name in ("ledger", "kept", "services"):
            import_module(f"{self.name}.{name}")
