"""Policies of clusters over REST: read, changed in part, every wrong field named."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments.models import ClusterPolicy
from apps.deployments.services import policy_fields
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

PATH = f"clusters/prod/{REGION}/shop.web-prod/policy/"


def test_the_defaults_are_told_where_nobody_said_anything(fleet: Fleet, viewer: ApiClient) -> None:
    body = viewer.read(PATH).json()
    assert body == {**{spec.name: spec.default for spec in policy_fields()}, "changed_by": "", "changed_at": None}
    cluster = viewer.read(f"clusters/prod/{REGION}/shop.web-prod/").json()
    assert cluster["policy_url"].endswith(PATH)
    assert viewer.read(f"clusters/prod/{REGION}/nope/policy/").status_code == 404


def test_only_what_is_given_changes(fleet: Fleet, operator: ApiClient) -> None:
    operator.send("PATCH", PATH, {"fewest_instances": 2, "reason": "small"})
    body = operator.send("PATCH", PATH, {"min_healthy_percent": 80, "reason": "smaller"}).json()
    assert (body["fewest_instances"], body["min_healthy_percent"], body["changed_by"]) == (2, 80, "oscar")
    body = operator.send("PATCH", PATH, {"fewest_instances": None, "reason": "as others"}).json()
    assert body["fewest_instances"] is None


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        ({"min_healthy_percent": 80}, "reason", 400),
        ({"min_healthy_percent": 80, "reason": ""}, "reason", 400),
        ({"min_healthy": 80, "reason": "x"}, "min_healthy", 400),
        ({"min_healthy_percent": None, "reason": "x"}, "min_healthy_percent", 400),
        ({"min_healthy_percent": "80", "reason": "x"}, "min_healthy_percent", 422),
        ({"min_healthy_percent": 101, "reason": "x"}, "min_healthy_percent", 422),
        ({"traffic_driver": "pigeons", "reason": "x"}, "traffic_driver", 422),
        ({"fewest_zones": 0, "reason": "x"}, "fewest_zones", 422),
    ],
)
def test_a_wrong_field_is_named(
    fleet: Fleet, operator: ApiClient, body: dict[str, Any], field: str, status: int
) -> None:
    response = operator.send("PATCH", PATH, body)
    assert response.status_code == status, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not ClusterPolicy.objects.exists()


def test_a_viewer_changes_nothing(fleet: Fleet, viewer: ApiClient) -> None:
    assert viewer.send("PATCH", PATH, {"reason": "x"}).status_code == 403
