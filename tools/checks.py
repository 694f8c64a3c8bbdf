"""`python tools/checks.py`: every check that reads the code without running it. tests/house runs the same list."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.prefix) / "bin"

CHECKS: dict[str, list[str]] = {
    "lint": ["ruff", "check", "."],
    "formatting": ["ruff", "format", "--check", "."],
    "floors": ["lint-imports", "--no-cache"],
    "migrations": ["python", "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"],
    "types": ["mypy"],
}


def run(name: str, *, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs one check of CHECKS; a status other than 0 means that it found something."""
    program, *arguments = CHECKS[name]
    environment = dict(os.environ, DJANGO_SETTINGS_MODULE="tests.static_settings")
    return subprocess.run(
        [str(BIN / program), *arguments], cwd=ROOT, env=environment, text=True, capture_output=capture, check=False
    )


def main() -> int:
    """Runs all, stops at none, answers 1 when any found something."""
    bad = []
    for name in CHECKS:
        print(f"== {name}", flush=True)
        if run(name).returncode:
            bad.append(name)
    print(f"Found something: {', '.join(bad)}" if bad else "All is well.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
