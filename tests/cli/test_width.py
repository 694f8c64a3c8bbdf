"""Lists on a narrow terminal: columns give way, ids never do."""

import pytest

from tests.cli.conftest import Answer, Pretended, deployment
from tests.cli.terminal import shown

AMI = "ami-71212b974abcdef01"
IMAGE = {
    "image_id": AMI,
    "application": "web",
    "version": "2026.46.0",
    "commit": "9e02c7b6d485",
    "environment": "prod",
    "region": "us-east-1",
    "created_at": "2026-11-13T14:55:09Z",
}
GROUP = {
    "name": "web-prod-v031",
    "version": "2026.45.0",
    "image_id": AMI,
    "state": "serving",
    "healthy": 3,
    "min_size": 3,
    "desired_capacity": 3,
    "max_size": 6,
    "created_at": "2026-11-13T14:55:09Z",
}


@pytest.mark.parametrize("columns", [30, 60, 80, 120])
def test_an_image_can_be_copied_from_a_terminal_of_any_width(console: Pretended, columns: int) -> None:
    console.answers("GET", "images/?application=web", Answer({"results": [IMAGE], "next": None}))

    text = shown(columns, "images", "web")

    assert AMI in text
    assert "2026.46.0" in text
    assert "…" not in text


def test_eighty_columns_hold_a_cluster_with_the_whole_ids_of_its_images(console: Pretended) -> None:
    cluster = {
        "name": "web-prod",
        "sentence": "v031 (2026.45.0) serves all traffic, 3 of 3 healthy.",
        "groups": [GROUP],
    }
    console.answers("GET", "clusters/prod/us-east-1/web-prod/", Answer(cluster))

    lines = shown(80, "status", "web-prod", "--env", "prod", "--region", "us-east-1").splitlines()

    assert all(len(line) <= 80 for line in lines)
    assert lines[2].split()[:5] == ["web-prod-v031", "2026.45.0", AMI, "serving", "3"]


def test_a_long_reason_takes_several_lines_or_gives_way(console: Pretended) -> None:
    reason = "a reason that nobody can say in fewer words than these"
    push = {"source": "deployment", "summary": "Push of 4.2.0", "actor": "alice", "reason": reason}
    item = deployment("succeeded", id=9, **push)
    console.answers("GET", "changes/", Answer({"results": [item], "next": None}))

    wide, narrow = shown(110, "history"), shown(60, "history")

    assert " ".join(wide.split()).count("fewer") == 1
    assert all(len(line) <= 110 for line in wide.splitlines())
    assert "REGION" in wide
    assert "REGION" not in narrow
    assert all(len(line) <= 60 for line in narrow.splitlines())
