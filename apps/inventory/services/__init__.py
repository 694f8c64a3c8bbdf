"""Changing the inventory: what people tell us, and what the cloud tells us."""

from apps.inventory.services.forget import forget_gone
from apps.inventory.services.refresh import refresh_cluster
from apps.inventory.services.sync import sync_region

__all__ = ["forget_gone", "refresh_cluster", "sync_region"]
