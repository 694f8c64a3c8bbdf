"""The product in one go: a stranger pushes and rolls back a live service by the command line; no request fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.demo.running import ROOT, Demo
from tests.load import LoadClient, LoadResult

RATE = 200.0  # requests a second, beside the demo's own traffic


def test_a_push_and_a_rollback_by_the_command_line_lose_no_request(demo: Demo) -> None:
    sample = _sample(demo, "web-prod")
    client = LoadClient(sample["load_balancer_url"], RATE)
    client.start()
    try:
        pushed = _run(demo, "push", "web-prod", "--image", sample["other_images"][0], "--reason", "try", "--watch")
        assert pushed.returncode == 0, pushed.stdout + pushed.stderr
        back = _run(demo, "rollback", "web-prod", "--reason", "enough", "--watch")
        assert back.returncode == 0, back.stdout + back.stderr
    finally:
        result = client.stop()

    _assert_flipped(result)
    states = [item["state"] for item in json.loads(_run(demo, "history", "web-prod", "--json").stdout)]
    assert states == ["succeeded", "succeeded"]


def test_a_version_that_never_becomes_healthy_is_undone_and_nobody_notices(demo: Demo) -> None:
    sample = _sample(demo, "search-prod")
    client = LoadClient(sample["load_balancer_url"], RATE)
    client.start()
    try:
        image = sample["bad_images"]["never_healthy"]
        pushed = _run(demo, "push", "search-prod", "--image", image, "--option", "healthy_within_seconds=15", "--watch")
    finally:
        result = client.stop()

    assert pushed.returncode == 4, pushed.stdout + pushed.stderr
    assert "503" in pushed.stdout  # the reason, in the last sentence
    assert not result.failures, result
    assert len(result.order) == 1


def _assert_flipped(result: LoadResult) -> None:
    """Old, new, old again; during each change both answer, and not one request fails."""
    assert not result.failures, result
    assert len(result.order) == 2
    old, new = result.order
    last = result.transitions[-1][1]
    assert last == old, result.transitions
    assert new in {body for _, body in result.transitions}


def _sample(demo: Demo, cluster: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in demo.record["samples"] if one["cluster"] == cluster)
    return found


def _run(demo: Demo, *arguments: str) -> subprocess.CompletedProcess[str]:
    access = {"DEPLOYCONSOLE_URL": demo.record["url"], "DEPLOYCONSOLE_TOKEN": demo.record["token"]}
    command = [sys.executable, "-m", "apps.cli.main", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | access, capture_output=True, text=True, check=False, timeout=200
    )
