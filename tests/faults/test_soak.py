"""A short soak: real workers behind the proxy are killed at random while pushes and rollbacks go on under traffic."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.faults.stage import ROOT


def test_pushes_and_rollbacks_go_on_while_workers_are_killed_and_no_request_fails() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.soak", "--minutes", "0.4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.endswith("requests: 0 failed\n"), done.stdout
    assert "SIGKILL" in done.stdout
    assert int(re.search(r"^(\d+) deployments", done.stdout, re.MULTILINE)[1]) >= 2, done.stdout  # type: ignore[index]
