"""What people ask of a bake, and what it would do."""

from __future__ import annotations

from dataclasses import dataclass

from apps.images.models import Bake
from apps.workflows.plans import PlannedStep


@dataclass(frozen=True)
class BakeRequest:
    """A package's version is to become an image. `package` empty: the recipe's, or the application's name.

    `build` is the key of the reported build that it is of; `rebake` makes an image even where one stands.
    """

    application: str
    version: str
    package: str = ""
    build: int | None = None
    rebake: bool = False
    reason: str = ""


@dataclass(frozen=True)
class BakePreview:
    """What a bake would do. `existing` is the bake that answers for the same image already: it stands or is under way.

    `findings` are sentences that say why it would be refused; without any it can be started.
    """

    sentence: str
    base_image: str  # AMI id; empty where there is none
    base_name: str  # as people call it, with its version
    key: str
    existing: Bake | None
    steps: tuple[PlannedStep, ...]
    findings: tuple[str, ...] = ()
