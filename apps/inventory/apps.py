"""Django's entry to this app; as the lowest above the cloud boundary, it tells that how fast it may call."""

from django.apps import AppConfig
from django.conf import settings

from apps.cloud.aws import pace, polls


class InventoryConfig(AppConfig):
    name = "apps.inventory"

    def ready(self) -> None:
        rates = pace.Rates(settings.AWS_READS_PER_SECOND, settings.AWS_CHANGES_PER_SECOND)
        pace.configure(settings.REDIS_URL, rates)
        polls.configure(settings.AWS_POLLS_SHARED_SECONDS)
