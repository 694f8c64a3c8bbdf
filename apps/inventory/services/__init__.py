"""Changing the inventory: what people tell us, and what the cloud tells us."""

from apps.inventory.services.applications import create_application, delete_application, update_application
from apps.inventory.services.environments import create_environment, update_environment, why_unreachable
from apps.inventory.services.forget import forget_gone
from apps.inventory.services.inside import console_output, user_data
from apps.inventory.services.one_by_one import read_one_by_one
from apps.inventory.services.refresh import ask_once, refresh_cluster, refresh_soon, refresh_wanted
from apps.inventory.services.sync import sync_region
from apps.inventory.services.user_data_templates import (
    preview_user_data,
    read_user_data,
    render_user_data,
    set_user_data,
)
from apps.inventory.services.version_reads import read_template_versions

__all__ = [
    "ask_once",
    "console_output",
    "create_application",
    "create_environment",
    "delete_application",
    "forget_gone",
    "preview_user_data",
    "read_one_by_one",
    "read_template_versions",
    "read_user_data",
    "refresh_cluster",
    "refresh_soon",
    "refresh_wanted",
    "render_user_data",
    "set_user_data",
    "sync_region",
    "update_application",
    "update_environment",
    "user_data",
    "why_unreachable",
]
