"""The inventory's tables: what people told us (environments, applications) and what the cloud told us (the rest)."""

from apps.inventory.models.applications import Application
from apps.inventory.models.clusters import Cluster
from apps.inventory.models.environments import Environment
from apps.inventory.models.groups import Group, Instance
from apps.inventory.models.images import Image
from apps.inventory.models.sync import SyncState
from apps.inventory.models.synced import Synced
from apps.inventory.models.templates import LaunchTemplate, LaunchTemplateVersion
from apps.inventory.models.traffic import LoadBalancer, TargetGroup
from apps.inventory.models.user_data import UserData

__all__ = [
    "Application",
    "Cluster",
    "Environment",
    "Group",
    "Image",
    "Instance",
    "LaunchTemplate",
    "LaunchTemplateVersion",
    "LoadBalancer",
    "SyncState",
    "Synced",
    "TargetGroup",
    "UserData",
]
