"""What the roof may ask of this app."""

from apps.images.reported import Reported, ReportedGate
from apps.images.requests import BakePreview, BakeRequest
from apps.images.services.bakes import bake, cancel_bake, preview_bake
from apps.images.services.bases import approve_base, withdraw_base
from apps.images.services.builds import report_build
from apps.images.services.package_checks import check_package
from apps.images.services.recipes import set_recipe

__all__ = [
    "BakePreview",
    "BakeRequest",
    "Reported",
    "ReportedGate",
    "approve_base",
    "bake",
    "cancel_bake",
    "check_package",
    "preview_bake",
    "report_build",
    "set_recipe",
    "withdraw_base",
]
