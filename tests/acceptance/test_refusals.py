"""What cannot be done is told precisely, and nothing is created."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.acceptance.console import Console, Sample
from tests.load import LoadClient


def test_a_second_push_on_the_same_cluster_is_refused_with_the_owners_name(console: Console, sample: Sample) -> None:
    first = console.push(sample)
    second = console.post("deployments/", {**sample.place, "image": sample.image})
    assert second.status_code == 409
    problem = second.json()
    assert second.headers["Content-Type"] == "application/problem+json"
    assert (problem["owner"], problem["run"]) == (console.demo.record["user"], first["run"])
    assert console.demo.record["user"] in problem["detail"]
    place = ["--env", sample.environment, "--region", sample.region]
    refused = console.run("push", sample.cluster, "--image", sample.image, *place)
    assert refused.returncode == 3
    assert console.demo.record["user"] in refused.stderr
    assert console.ended(first["id"])["state"] == "succeeded"


def test_a_version_that_never_becomes_healthy_undoes_itself_and_the_old_group_misses_no_request(
    console: Console, sample: Sample
) -> None:
    before = console.groups(sample)
    client = LoadClient(sample.url, rate=200)
    client.start()
    try:
        place = ["--env", sample.environment, "--region", sample.region]
        options = ["--option", "healthy_within_seconds=15", "--watch"]
        pushed = console.run("push", sample.cluster, "--image", sample.never_healthy, *place, *options)
    finally:
        result = client.stop()
    assert pushed.returncode == 4, pushed.stdout + pushed.stderr
    assert "503" in pushed.stdout
    ended = console.deployment(console.get("deployments/")["results"][0]["id"])
    assert ended["state"] == "undone"
    assert "was given up after 15 s" in ended["outcome"]
    assert "503" in ended["outcome"]
    assert not result.failures, result.failures[:5]
    assert result.order == [f"{sample.application} {sample.serving}"]
    assert [group["name"] for group in console.groups(sample)] == [group["name"] for group in before]


def test_cancelling_a_running_push_undoes_it(console: Console, sample: Sample) -> None:
    number = console.push(sample, options={"soak_seconds": 600})["id"]
    console.reaches(number, "soak")
    preview = console.post(f"deployments/{number}/cancel/", {"dry_run": True})
    assert preview.status_code == 200, preview.text
    assert "Give traffic to" in preview.text
    client = LoadClient(sample.url, rate=100)
    client.start()
    try:
        cancelled = console.post(f"deployments/{number}/rollback/", {"reason": "changed my mind"})
        assert cancelled.status_code == 202, cancelled.text
        assert cancelled.json()["id"] == number
        ended = console.ended(number)
    finally:
        result = client.stop()
    assert ended["state"] == "undone", ended["outcome"]
    assert "changed my mind" in ended["outcome"]
    assert not result.failures, result.failures[:5]
    assert result.transitions[-1][1] == f"{sample.application} {sample.serving}"


BAD = [
    ({"image": "ami-00000000000000000"}, 422, "image"),
    ({"image": "not-an-ami"}, 422, "image"),
    ({"image": ""}, 422, "image"),
    ({"environment": "moon"}, 422, "environment"),
    ({"region": "mars-north-1"}, 422, "region"),
    ({"cluster": "nobody-here"}, 422, "cluster"),
    ({"cluster": "../../etc"}, 422, "cluster"),
    ({"strategy": "yolo"}, 422, "strategy"),
    ({"options": {"speed": 11}}, 422, "options.speed"),
    ({"options": {"margin_percent": "ten"}}, 422, "options.margin_percent"),
    ({"options": {"min_size": 5, "max_size": 4}}, 422, "options.min_size"),
    ({"colour": "red"}, 422, "colour"),
    ({"image": 5}, 422, "image"),
    ({"reason": {}}, 422, "reason"),
]


@pytest.mark.parametrize(("wrong", "status", "field"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input_names_its_field_and_creates_nothing(
    wrong: dict[str, Any], status: int, field: str, console: Console, sample: Sample
) -> None:
    before = console.get("deployments/")["results"]
    answer = console.post("deployments/", {**sample.place, "image": sample.image, **wrong})
    problem = answer.json()
    assert answer.status_code in {400, status}, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert field in [each["field"] for each in problem["errors"]]
    assert console.get("deployments/")["results"] == before


def test_an_image_of_another_region_is_told_where_it_is(console: Console, sample: Sample) -> None:
    elsewhere = next(
        each["serving_image"]
        for each in console.demo.record["samples"]
        if each["environment"] == sample.environment and each["region"] != sample.region
    )
    answer = console.post("deployments/", {**sample.place, "image": elsewhere})
    assert answer.status_code in {400, 422}
    assert "copy it there first" in answer.text


def test_an_image_of_another_account_is_told_as_not_launchable(console: Console, sample: Sample) -> None:
    elsewhere = next(
        each["serving_image"]
        for each in console.demo.record["samples"]
        if each["environment"] != sample.environment and each["region"] == sample.region
    )
    answer = console.post("deployments/", {**sample.place, "image": elsewhere})
    assert answer.status_code in {400, 422}
    assert "may not launch it. Promote it to" in answer.text


def test_a_giant_body_a_wrong_method_and_no_token_are_refused(console: Console) -> None:
    giant = httpx.post(
        f"{console.url}/api/v1/deployments/",
        json={"reason": "x" * 1_000_000},
        headers={"Authorization": f"Bearer {console.token}"},
    )
    assert giant.status_code == 413
    assert console.http.delete("deployments/").status_code == 405
    assert console.http.get("deployments/", headers={"Authorization": ""}).status_code == 401
