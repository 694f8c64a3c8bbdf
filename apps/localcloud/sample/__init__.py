"""The sample service's image trees, which the demo and the tests register as AMIs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

SERVING = Path(__file__).parent / "serving"  # the modules of the service
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
    shutil.copytree(SERVING, destination / "serving", ignore=shutil.ignore_patterns("__pycache__"))
    (destination / "service.py").write_text(_ENTRY)
    (destination / "release.json").write_text(release(application, version, faults))


def release(application: str, version: str, faults: Mapping[str, bool | float]) -> str:
    """The `release.json` of a version, which tells the service what it is; `faults` is a value of FAULTS, or empty."""
    return json.dumps({"application": application, "version": version, "faults": dict(faults)}, indent=2) + "\n"
