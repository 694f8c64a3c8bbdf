"""var/demo.json: how a script reaches the running demo. It appears whole, and only once all is ready."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """One sample cluster under live traffic; images are AMI ids."""

    application: str
    environment: str
    region: str
    cluster: str
    load_balancer_url: str
    serving_image: str
    other_images: list[str]  # good versions, newest first
    bad_images: dict[str, str]  # kind of fault to image: {"never_healthy": "ami-..."}
    builds: list[str] = field(default_factory=list)  # good versions to bake for it, newest first; none: not from here


@dataclass(frozen=True)
class Record:
    url: str
    user: str
    password: str
    token: str
    samples: list[Sample]


def write(path: Path, record: Record) -> None:
    """Writes the file readable by its owner only, under another name first, so that nobody reads half of it."""
    unfinished = path.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(record), file, indent=2)
    unfinished.rename(path)
