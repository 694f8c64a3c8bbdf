"""What people ask of a bake and of a promotion, and what these would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.images.models import Bake, Promotion
from apps.images.promotion.shareable import Finding
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
    """What a bake would do. `existing` is the bake that answers for the same image already: it stands or is under way,
    and no step is done.

    `findings` are sentences that say why it would be refused; without any it can be started.
    """

    sentence: str
    base_image: str  # AMI id; empty where there is none
    base_name: str  # as people call it, with its version
    key: str
    existing: Bake | None
    steps: tuple[PlannedStep, ...]
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what should be known before; nothing of it stands against the bake


@dataclass(frozen=True)
class PromotionRequest:
    """An AMI, with its copies, is to be launched by another environment. `image` may be any of the copies."""

    image: str
    target: str  # the environment's name
    reason: str = ""


@dataclass(frozen=True)
class Granted:
    """The AMI in one region. `visible` is whether the target sees it already."""

    region: str
    image_id: str
    snapshots: tuple[str, ...]
    visible: bool = False


@dataclass(frozen=True)
class PromotionPreview:
    """What a promotion would do. `existing` is the one that answers for it already: it stands or is under way.

    It can be started when no finding refuses it. `left_out` are regions with a copy which the target does not have.
    """

    sentence: str
    source: str
    target: str
    account: str  # the target's, that is let launch
    images: tuple[Granted, ...]
    left_out: tuple[str, ...]
    tags: Mapping[str, str]
    findings: tuple[Finding, ...]
    evidence: Mapping[str, Any]
    existing: Promotion | None
    steps: tuple[PlannedStep, ...]

    @property
    def possible(self) -> bool:
        """Whether nothing stands against it."""
        return not any(finding.level == "refuse" for finding in self.findings)


@dataclass(frozen=True)
class RevocationPreview:
    """What taking a promotion back would do. `used_by` says in words what in the target's account uses it."""

    sentence: str
    used_by: tuple[str, ...]
    steps: tuple[PlannedStep, ...]
