"""The sample service's image trees, which the demo and the tests register as AMIs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

# What a faulty version does; the keys are fields of serving.release.Faults.
FAULTS: dict[str, dict[str, bool | float]] = {
    "never_healthy": {"healthy": False},
    "errors": {"error_rate": 0.05},
    "slow": {"delay_seconds": 0.3},
}
_ENTRY = '"""The entry point of this image."""\n\nfrom serving.main import run\n\nrun()\n'


def build(destination: Path, application: str, version: str, *, fault: str | None = None) -> None:
    """Writes an image tree to `destination`, which must not exist; `fault` is a key of FAULTS. KeyError for others."""
    faults = FAULTS[fault] if fault is not None else {}
    destination.mkdir(parents=True)
    shutil.copytree(
        Path(__file__).parent / "serving", destination / "serving", ignore=shutil.ignore_patterns("__pycache__")
    )
    (destination / "service.py").write_text(_ENTRY)
    release = {"application": application, "version": version, "faults": faults}
    (destination / "release.json").write_text(json.dumps(release, indent=2) + "\n")
