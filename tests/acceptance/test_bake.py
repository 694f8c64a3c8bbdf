"""From a build to the traffic: baked by REST, pushed, served, while requests come in, of which none fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.acceptance.console import ENDED, Console
from tests.demo.running import until
from tests.load import LoadClient

RATE = 100
WITHIN = 180.0  # seconds; a bake takes about twenty on a quiet machine


def test_a_build_is_baked_and_pushed_and_its_version_serves(
    console: Console, record_property: Callable[[str, object], None]
) -> None:
    sample, builds = console.bakeable_sample()
    version = next(each for each in builds if each != sample.serving)
    client, began = LoadClient(sample.url, rate=RATE), time.monotonic()
    client.start()
    try:
        baked = bake(console, sample.application, version)
        [image] = [each["image_id"] for each in baked["images"] if each["region"] == sample.region]
        pushed = console.ended(console.push(sample, image, reason="as baked")["id"])
    finally:
        result = client.stop()
    took = time.monotonic() - began
    record_property("seconds_from_bake_to_traffic", round(took, 1))
    print(f"from bake to traffic: {took:.1f} s")
    assert pushed["state"] == "succeeded", pushed["outcome"]
    assert not result.failures, result.failures[:5]
    old, new = f"{sample.application} {sample.serving}", f"{sample.application} {version}"
    assert result.order == [old, new]
    assert result.transitions[-1][1] == new
    promoted(console, sample.application, image)


def promoted(console: Console, application: str, image: str) -> None:
    """What was baked and tried in one account, the other may launch once it was promoted, and not before."""
    there = f"images/?environment=prod&application={application}&q={image}"
    assert console.get(there)["results"] == []
    asked = console.post("promotions/", {"image": image, "target": "prod", "reason": "it serves"})
    assert asked.status_code == 202, asked.text
    path = f"promotions/{asked.json()['id']}/"
    until(lambda: console.get(path)["state"] in ENDED, WITHIN, lambda: console.get(path))
    [known] = console.get(there)["results"]
    assert known["version"], "its tags are written there as well"
    [made] = console.get(f"promotions/?image={image}&live=true")["results"]
    assert (made["standing"], made["source"], made["target"]) == ("granted", "test", "prod")


def bake(console: Console, application: str, version: str) -> dict[str, Any]:
    """The bake once its image stands, watched until then."""
    asked = console.post("bakes/", {"application": application, "version": version, "reason": "try it"})
    assert asked.status_code == 202, asked.text
    path = f"bakes/{asked.json()['id']}/"
    until(lambda: console.get(path)["state"] in ENDED, WITHIN, lambda: console.get(path))
    ended: dict[str, Any] = console.get(path)
    assert ended["state"] == "succeeded", ended
    return ended
