"""Builds and their gates, recipes and base images, bakes and what they left, and what the janitor knows."""

from apps.images.models.bakes import Bake, BakedImage, Manifest
from apps.images.models.builds import Build, CommitGate, Gate, Webhook
from apps.images.models.checks import PackageCheck
from apps.images.models.janitor import ImageReference, JanitorRules, Keep, Mark, ReferenceWatch
from apps.images.models.promotions import Promotion
from apps.images.models.recipes import BaseImage, Recipe

__all__ = [
    "Bake",
    "BakedImage",
    "BaseImage",
    "Build",
    "CommitGate",
    "Gate",
    "ImageReference",
    "JanitorRules",
    "Keep",
    "Manifest",
    "Mark",
    "PackageCheck",
    "Promotion",
    "Recipe",
    "ReferenceWatch",
    "Webhook",
]
