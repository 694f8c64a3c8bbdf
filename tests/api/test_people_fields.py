"""What people tell the inventory: applications and environments, created and changed over REST."""

from __future__ import annotations

from typing import Any

import pytest

from apps.inventory.models import Application, Environment
from tests.api.conftest import ApiClient
from tests.api.fleet import Fleet


class TestApplications:
    """Registering and describing applications."""

    def test_an_administrator_registers_one(self, administrator: ApiClient) -> None:
        made = administrator.submit("applications/", {"name": "pay.api", "owner": "pay", "tags": {"a": "b"}})
        assert made.status_code == 201
        assert administrator.get(made.headers["Location"]).json()["tags"] == {"a": "b"}
        assert Application.objects.get().owner == "pay"

    @pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("viewer", 403), ("operator", 403)])
    def test_nobody_else_does(self, request: pytest.FixtureRequest, who: str, status: int) -> None:
        client: ApiClient = request.getfixturevalue(who)
        assert client.submit("applications/", {"name": "pay"}).status_code == status
        assert client.send("PATCH", "applications/pay/", {"owner": "x"}).status_code == status
        assert client.send("DELETE", "applications/pay/").status_code == status
        assert not Application.objects.exists()

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "name"),
            ({"name": "pay-api"}, "name"),
            ({"name": "pay api"}, "name"),
            ({"name": "pay", "email": "nobody"}, "email"),
            ({"name": "pay", "repository_url": "javascript:x"}, "repository_url"),
            ({"name": "pay", "health_check_path": "health"}, "health_check_path"),
            ({"name": "pay", "tags": {"a": 1}}, "tags.a"),
            ({"name": "pay", "tags": []}, "tags"),
            ({"name": "pay", "tags": {"a\0": "b"}}, "tags.a\\0"),
            ({"name": "pay", "tags": {"a\ud800": "b"}}, "tags.a\\ud800"),
            ({"name": "pay", "onwer": "me"}, "onwer"),
        ],
    )
    def test_a_wrong_field_is_named_and_nothing_is_made(
        self, administrator: ApiClient, body: dict[str, Any], field: str
    ) -> None:
        response = administrator.submit("applications/", body)
        assert response.status_code == 400, response.content
        assert [error["field"] for error in response.json()["errors"]] == [field]
        assert not Application.objects.exists()

    def test_a_taken_name_is_told(self, fleet: Fleet, administrator: ApiClient) -> None:
        response = administrator.submit("applications/", {"name": "shop.web"})
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "name"

    def test_only_the_given_fields_change(self, fleet: Fleet, administrator: ApiClient) -> None:
        response = administrator.send("PATCH", "applications/shop.web/", {"email": "shop@example.com"})
        assert response.status_code == 200
        assert (response.json()["owner"], response.json()["email"]) == ("team-shop", "shop@example.com")
        assert administrator.send("PATCH", "applications/shop.web/", {"name": "x"}).status_code == 400
        assert administrator.send("PATCH", "applications/nothing/", {}).status_code == 404

    def test_one_that_still_runs_is_not_forgotten(self, fleet: Fleet, administrator: ApiClient) -> None:
        response = administrator.send("DELETE", "applications/shop.web/")
        assert response.status_code == 409
        assert "still has groups" in response.json()["detail"]

    def test_one_that_runs_nowhere_is(self, administrator: ApiClient) -> None:
        administrator.submit("applications/", {"name": "pay"})
        assert administrator.send("DELETE", "applications/pay/").status_code == 204
        assert administrator.send("DELETE", "applications/pay/").status_code == 404


class TestEnvironments:
    """Adding accounts."""

    BODY = {"name": "test", "account_id": "210987654321", "regions": ["eu-west-1"]}

    def test_an_administrator_adds_and_changes_one(self, administrator: ApiClient) -> None:
        made = administrator.submit("environments/", self.BODY)
        assert made.status_code == 201, made.content
        changed = administrator.send("PATCH", "environments/test/", {"production": True, "reason": "it is"})
        assert changed.json()["production"] is True

    @pytest.mark.parametrize("who", ["viewer", "operator"])
    def test_nobody_else_does(self, request: pytest.FixtureRequest, who: str) -> None:
        client: ApiClient = request.getfixturevalue(who)
        assert client.submit("environments/", self.BODY).status_code == 403
        assert not Environment.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"account_id": "12"}, "account_id"),
            ({"account_id": 210987654321}, "account_id"),
            ({"regions": []}, "regions"),
            ({"regions": ["mars"]}, "regions"),
            ({"regions": "eu-west-1"}, "regions"),
            ({"regions": [5]}, "regions.0"),
            ({"role_arn": "x"}, "role_arn"),
            ({"production": "yes"}, "production"),
            ({"images_from": "nowhere"}, "images_from"),
            ({"name": "a/b"}, "name"),
        ],
    )
    def test_a_wrong_field_is_named(self, administrator: ApiClient, change: dict[str, Any], field: str) -> None:
        response = administrator.submit("environments/", {**self.BODY, **change})
        assert response.status_code == 400, response.content
        assert field in [error["field"] for error in response.json()["errors"]]
        assert not Environment.objects.exists()
