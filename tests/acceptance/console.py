"""Asking the running console, as a script would."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.demo.running import Demo, until

ENDED = {"succeeded", "undone", "cancelled", "failed"}
WITHIN = 120.0  # seconds a deployment may take here, the time until a dead worker's lease ends included


@dataclass(frozen=True)
class Sample:
    """One sample cluster of the demo; `serving` is the version its load balancer answers now."""

    application: str
    environment: str
    region: str
    cluster: str
    url: str
    serving: str
    image: str  # a good AMI of another version
    version: str  # that version
    never_healthy: str

    @property
    def place(self) -> dict[str, str]:
        return {"environment": self.environment, "region": self.region, "cluster": self.cluster}

    @property
    def path(self) -> str:
        return f"clusters/{self.environment}/{self.region}/{self.cluster}/"


class Console:
    """The REST API and the command line of a demo."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.url = demo.record["url"]
        self.token = demo.record["token"]
        self.http = httpx.Client(
            base_url=f"{self.url}/api/v1/", headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """A POST with a key of its own; sent again, as a script would, while the web process is away."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return self.http.post(path, json=body, headers=key)

    def push(self, sample: Sample, image: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.post("deployments/", {**sample.place, "image": image or sample.image, **more})
        assert answer.status_code == 202, answer.text
        started: dict[str, Any] = answer.json()
        return started

    def deployment(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"deployments/{number}/")
        return found

    def ended(self, number: int, within: float = WITHIN) -> dict[str, Any]:
        """The deployment once it has ended."""
        until(lambda: self.deployment(number)["state"] in ENDED, within)
        return self.deployment(number)

    def reaches(self, number: int, step: str, within: float = 60.0) -> None:
        """Waits until the deployment is at, or past, a step of this kind."""
        until(lambda: any(each["kind"] == step and each["started_at"] for each in self._steps(number)), within)

    def groups(self, sample: Sample) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(sample.path)["groups"]
        return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line, as a person in a shell has it."""
        environment = {**os.environ, "DEPLOYCONSOLE_URL": self.url, "DEPLOYCONSOLE_TOKEN": self.token}
        command = [str(Path(sys.executable).parent / "deployconsole"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=WITHIN)

    def idle_sample(self) -> Sample:
        """The sample whose last change is longest ago and that nobody changes now."""
        return self._sample(self._idle(self.demo.record["samples"]))

    def _idle(self, samples: list[dict[str, Any]]) -> dict[str, Any]:
        changed: dict[tuple[str, ...], int] = {}
        for each in self.get("deployments/?page_size=200")["results"]:
            place = (each["environment"], each["region"], each["cluster"])
            busy = each["state"] not in ENDED
            changed[place] = max(changed.get(place, 0), 10**9 if busy else each["id"])
        return min(samples, key=lambda each: changed.get(_place(each), 0))

    def bakeable_sample(self) -> tuple[Sample, list[str]]:
        """An idle sample for which images can be baked, and the versions that can."""
        told = self._idle([each for each in self.demo.record["samples"] if each["builds"]])
        return self._sample(told), told["builds"]

    def _sample(self, told: dict[str, Any]) -> Sample:
        application, serving = httpx.get(told["load_balancer_url"]).text.split()
        where = {"environment": told["environment"], "region": told["region"], "application": application}
        versions = {each["image_id"]: each["version"] for each in self._images(where)}
        good = [told["serving_image"], *told["other_images"]]
        image = next(each for each in good if versions[each] != serving)
        return Sample(
            application=application,
            environment=told["environment"],
            region=told["region"],
            cluster=told["cluster"],
            url=told["load_balancer_url"],
            serving=serving,
            image=image,
            version=versions[image],
            never_healthy=told["bad_images"]["never_healthy"],
        )

    def _images(self, where: dict[str, str]) -> list[dict[str, Any]]:
        answer = self.http.get("images/", params={**where, "page_size": 200})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found

    def _steps(self, number: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.deployment(number)["steps"]
        return found


def _place(told: dict[str, Any]) -> tuple[str, ...]:
    return (told["environment"], told["region"], told["cluster"])
