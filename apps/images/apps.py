"""Django's entry to this app: finds each provisioner, webhook format, step, way to check and janitor's kind itself."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "apps.images"

    def ready(self) -> None:
        for package in ("provisioners", "webhooks", "steps", "checks.ways", "janitor.kinds"):
            found = import_module(f"{self.name}.{package}")
            for module in iter_modules(found.__path__):
                import_module(f"{found.__name__}.{module.name}")
        import_module(f"{self.name}.promotion.account")
