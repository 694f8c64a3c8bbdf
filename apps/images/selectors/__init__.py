"""Reading builds, bakes and manifests."""

from apps.images.selectors.bakes import bake_of_image, bakes, live_bake, manifest_of
from apps.images.selectors.bases import base_images, base_names, latest_base, pinned_base, recipe_of, standing_bases

__all__ = [
    "bake_of_image",
    "bakes",
    "base_images",
    "base_names",
    "latest_base",
    "live_bake",
    "manifest_of",
    "pinned_base",
    "recipe_of",
    "standing_bases",
]
