"""What the roof may ask of this app."""

from apps.images.requests import BakePreview, BakeRequest
from apps.images.services.bakes import bake, cancel_bake, preview_bake
from apps.images.services.bases import approve_base, withdraw_base
from apps.images.services.recipes import set_recipe

__all__ = [
    "BakePreview",
    "BakeRequest",
    "approve_base",
    "bake",
    "cancel_bake",
    "preview_bake",
    "set_recipe",
    "withdraw_base",
]
