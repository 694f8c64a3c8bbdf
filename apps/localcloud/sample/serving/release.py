"""What this image is: `release.json`, written when it was built."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Faults:
    """How this version misbehaves; by default it does not."""

    healthy: bool = True  # what the health check is told
    error_rate: float = 0.0  # the share of requests answered 500
    delay_seconds: float = 0.0  # added to every request


@dataclass(frozen=True)
class Release:
    """An application's version."""

    application: str
    version: str
    faults: Faults = field(default_factory=Faults)


def read(folder: Path) -> Release:
    """The release that lies in a folder."""
    raw = json.loads((folder / "release.json").read_text())
    return Release(raw["application"], raw["version"], Faults(**raw["faults"]))
