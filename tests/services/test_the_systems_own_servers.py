"""The same on Debian's own PostgreSQL 15 and Redis 7 as on the embedded ones: what depends on servers, run again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools import system

ROOT = Path(__file__).resolve().parents[2]
SERVICE_LEVEL = (  # locks, leases, triggers and constraints; the broker, its script, real workers; pushes, their undo
    "tests/workflows",
    "tests/events",
    "tests/inventory/test_reconcile.py",
    "tests/api/test_idempotency.py",
    "tests/cloud/test_pace.py",
    "tests/deployments/test_cancel.py",
    "tests/deployments/test_start.py",
)


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_depends_on_the_servers_passes_on_the_systems_own() -> None:
    postgres, redis = system.postgres(), system.redis()
    assert postgres
    assert redis
    assert " 15." in said(f"{postgres}/postgres", "--version")
    assert "Redis server v=7." in said(redis, "--version")
    environment = {**os.environ, "POSTGRES_BIN": postgres, "REDIS_SERVER": redis}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", *SERVICE_LEVEL],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
