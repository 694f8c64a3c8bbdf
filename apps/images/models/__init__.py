"""Builds and their gates, recipes and base images, bakes and what they left."""

from apps.images.models.bakes import Bake, BakedImage, Manifest
from apps.images.models.builds import Build, Gate, Webhook
from apps.images.models.recipes import BaseImage, Recipe

__all__ = ["Bake", "BakedImage", "BaseImage", "Build", "Gate", "Manifest", "Recipe", "Webhook"]
