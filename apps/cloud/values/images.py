"""AMIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ImageState:
    """An AMI as the asking account sees it."""

    id: str
    name: str
    owner: str  # account id
    state: str  # pending, available, failed, deregistered, ...
    architecture: str
    created_at: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    public: bool = False
    root_device_type: str = ""
    virtualization_type: str = ""
    snapshots: tuple[str, ...] = ()  # ids of those that its volumes begin as, in its devices' order
    state_reason: str = ""  # why it failed, in AWS's words


@dataclass(frozen=True)
class SnapshotState:
    """A snapshot of a volume, as the asking account sees it."""

    id: str
    owner: str  # account id
    state: str  # pending, completed, error
    started_at: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)
    encrypted: bool = False
    key: str = ""  # ARN of the key that it is encrypted with; empty where it is not, or where AWS does not tell
