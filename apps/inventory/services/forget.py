"""Removes the rows of resources that have been gone for a while."""

from __future__ import annotations

from datetime import timedelta

from apps.inventory.models import Group, Image, Instance, LaunchTemplate, LoadBalancer, TargetGroup
from apps.inventory.services.clock import database_time

KEPT = timedelta(days=14)  # long enough to look a dead instance up after a holiday


def forget_gone() -> int:
    """The number of rows removed."""
    before = database_time() - KEPT
    models = (Instance, Group, LaunchTemplate, TargetGroup, LoadBalancer, Image)
    return sum(model.objects.filter(gone_at__lt=before).delete()[0] for model in models)
