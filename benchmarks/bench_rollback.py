"""From the click on "roll back" to the last answer of the version that leaves, by each traffic driver.

The whole product under 100 requests a second: the demo with its web process, workers, instances and proxies. With a
shared target group the old group must be attached and checked first; with weights it stands by, checked: the ratio of
the two is what keeping it so is worth.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from benchmarks import goals
from tests.load import LoadClient, LoadResult

ROOT = Path(__file__).resolve().parent.parent
DRIVERS = ("shared-target-group", "weighted-target-groups")
RATE = 100
READY_WITHIN, ENDS_WITHIN, QUIET = 180.0, 180.0, 3.0
ROUNDS = 3


class Console:
    """The demo's REST API."""

    def __init__(self, record: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {record['token']}"}
        self._client = httpx.Client(base_url=f"{record['url']}/api/v1/", headers=headers, timeout=30)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def choose(self, cluster: str, driver: str) -> None:
        self._client.patch(f"{cluster}policy/", json={"traffic_driver": driver, "reason": "bench"}).raise_for_status()

    def ended(self, deployment: dict[str, Any]) -> None:
        """Waits for its end. Raises AssertionError unless it succeeded."""
        deadline = time.monotonic() + ENDS_WITHIN
        while True:
            state = self._client.get(f"deployments/{deployment['id']}/").json()["state"]
            if state in {"succeeded", "undone", "failed", "cancelled"}:
                assert state == "succeeded", state
                return
            assert time.monotonic() < deadline, f"{deployment['id']} is {state}"
            time.sleep(0.2)


def measure(console: Console, sample: dict[str, Any], driver: str) -> float:
    """Prints what was seen; answers the median in seconds."""
    place = {name: sample[name] for name in ("environment", "region", "cluster")}
    cluster = f"clusters/{sample['environment']}/{sample['region']}/{sample['cluster']}/"
    console.choose(cluster, driver)
    took, failed = [], 0
    for _ in range(ROUNDS):
        pushed = console.post("deployments/", image=sample["other_images"][0], reason="bench", **place)
        console.ended(pushed)

        def go_back(number: int = pushed["id"]) -> None:
            console.ended(console.post(f"deployments/{number}/rollback/", reason="bench"))

        seconds, result = _until_last(sample["load_balancer_url"], go_back)
        took.append(seconds)
        failed += len(result.failures)
    print(
        f"{driver:24} click to last answer of the version that leaves: median {statistics.median(took):.2f} s, "
        f"slowest of {ROUNDS} {max(took):.2f} s; {failed} requests failed, {goals.at_most(driver, failed, 0, 'failed')}"
    )
    return statistics.median(took)


def _until_last(url: str, act: Callable[[], None]) -> tuple[float, LoadResult]:
    """Seconds from the call of `act` to the last answer of what served before it."""
    client = LoadClient(url, RATE)
    client.start()
    time.sleep(1)
    began = time.time()
    act()
    time.sleep(QUIET)
    result = client.stop()
    assert len(result.bodies) == 2, result.bodies
    return result.transitions[-1][0] - began, result


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        command = [sys.executable, "-m", "apps.demo", "--folder", folder, "--port", "0", "--rate", "2"]
        with (Path(folder) / "screen").open("wb") as screen:
            demo = subprocess.Popen(command, cwd=ROOT, stdout=screen, stderr=screen)
        try:
            record = Path(folder) / "demo.json"
            deadline = time.monotonic() + READY_WITHIN
            while not record.exists():
                assert time.monotonic() < deadline, (Path(folder) / "screen").read_text()
                time.sleep(0.2)
            told = json.loads(record.read_text())
            pairs = zip(DRIVERS, told["samples"], strict=False)
            shared, weighted = [measure(Console(told), sample, driver) for driver, sample in pairs]
            print(f"weighted target groups: {weighted / shared:.2f} x the time of a shared one")
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)
    goals.end()


if __name__ == "__main__":
    main()
