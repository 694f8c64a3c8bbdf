"""Deployments over REST: reading them, and every way in which asking for one can be refused."""

from __future__ import annotations

from typing import Any

import pytest

from apps.api.views import deployments as views
from apps.cloud.errors import Denied, Unavailable
from apps.deployments import errors, services
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.events.models import Event
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

PUSH = {"environment": "prod", "region": REGION, "cluster": "shop.web-prod", "image": "ami-0b"}


def detail(client: ApiClient, deployment: Deployment) -> dict[str, Any]:
    response = client.read(f"deployments/{deployment.pk}/")
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


class TestReading:
    """What a deployment says of itself."""

    def test_a_running_one_says_what_it_waits_for(self, fleet: Fleet, viewer: ApiClient) -> None:
        body = detail(viewer, fleet.deployment(state="waiting"))
        assert (body["kind"], body["state"], body["ended_at"]) == ("push", "waiting", None)
        assert body["waiting_for"] == "Waiting for 1 of 2 instances: i-0ab answers 503 on /health"
        assert body["outcome"] == ""
        assert (body["environment"], body["region"], body["cluster"]) == ("prod", REGION, "shop.web-prod")
        assert (body["from_version"], body["to_version"], body["image"]) == ("4.1.9", "4.2.0", "ami-0b")
        assert [step["title"] for step in body["steps"]] == ["create-group", "wait-healthy", "take-traffic"]
        assert body["steps"][0]["changes"] == ["X: y"]
        assert body["steps"][0]["attempts"] == 1
        assert [event["kind"] for event in body["events"]] == ["deployment.push.requested"]
        assert viewer.get(body["cluster_url"]).json()["running"]["url"] == body["url"]

    def test_an_ended_one_says_how_it_ended(self, fleet: Fleet, viewer: ApiClient) -> None:
        body = detail(viewer, fleet.deployment())
        assert body["waiting_for"] == ""
        assert "serves all traffic" in body["outcome"]

    def test_polling_costs_nothing_while_nothing_changes(self, fleet: Fleet, viewer: ApiClient) -> None:
        path = f"deployments/{fleet.deployment(state='waiting').pk}/"
        etag = viewer.read(path).headers["ETag"]
        assert viewer.read(path, If_None_Match=etag).status_code == 304

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", 2),
            ("state=succeeded", 1),
            ("state=waiting&kind=push", 1),
            ("state=running", 1),
            ("state=queued", 0),
            ("state=active", 1),
            ("kind=rollback", 0),
            ("cluster=shop.web-prod&environment=prod&region=us-east-1", 2),
            ("application=shop.web", 2),
            ("image=ami-0b&actor=oscar", 2),
            ("since=2100-01-01T00:00:00Z", 0),
        ],
    )
    def test_the_list_is_filtered(self, fleet: Fleet, viewer: ApiClient, query: str, found: int) -> None:
        fleet.deployment()
        fleet.deployment(state="waiting")
        assert len(viewer.read(f"deployments/?{query}").json()["results"]) == found

    @pytest.mark.parametrize("query", ["state=done", "kind=bake", "since=monday", "foo=bar"])
    def test_a_wrong_filter_is_told(self, fleet: Fleet, viewer: ApiClient, query: str) -> None:
        response = viewer.read(f"deployments/?{query}")
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == query.split("=")[0]

    @pytest.mark.parametrize("pk", ["0", "999", str(2**63), str(10**40)])
    @pytest.mark.parametrize("path", ["", "cancel/", "rollback/", "resume/"])
    def test_one_that_is_not_there_is_404(self, operator: ApiClient, path: str, pk: str) -> None:
        method = "POST" if path else "GET"
        assert operator.send(method, f"deployments/{pk}/{path}").status_code == 404


class TestWho:
    """Viewers look; operators and administrators change."""

    CHANGES = ("deployments/", "deployments/1/cancel/", "deployments/1/rollback/", "deployments/1/resume/")

    @pytest.mark.parametrize("path", [*CHANGES, f"clusters/prod/{REGION}/shop.web-prod/rollback/"])
    @pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("viewer", 403)])
    def test_others_are_refused(self, request: pytest.FixtureRequest, who: str, status: int, path: str) -> None:
        client: ApiClient = request.getfixturevalue(who)
        response = client.submit(path, PUSH)
        assert response.status_code == status
        assert not Deployment.objects.exists()

    def test_the_refusal_names_both_roles(self, viewer: ApiClient) -> None:
        response = viewer.submit("deployments/", PUSH)
        assert response.json()["detail"] == "This needs the role operator; vera has the role viewer."


class TestRefusals:
    """Bad input is told precisely, and nothing is created."""

    @pytest.mark.parametrize(
        ("change", "field", "status"),
        [
            ({"image": None}, "image", 400),
            ({"image": ""}, "image", 400),
            ({"image": 5}, "image", 400),
            ({"image": ["ami-0b"]}, "image", 400),
            ({"image": "a" * 65}, "image", 400),
            ({"cluster": {"name": "x"}}, "cluster", 400),
            ({"dry_run": "yes"}, "dry_run", 400),
            ({"dry_run": 1}, "dry_run", 400),
            ({"reason": 5}, "reason", 400),
            ({"reason": "x" * 1001}, "reason", 400),
            ({"options": []}, "options", 400),
            ({"options": "soak"}, "options", 400),
            ({"options": {"a": "\0"}}, "options.a", 400),
            ({"iamge": "ami-0b"}, "iamge", 400),
            ({"environment": "dev"}, "environment", 422),
            ({"region": "eu-west-9"}, "region", 422),
            ({"cluster": "shop.web-test"}, "cluster", 422),
            ({"strategy": "yolo"}, "strategy", 422),
            ({"options": {"soak": 5}}, "options.soak", 422),
            ({"options": {"soak_seconds": "5"}}, "options.soak_seconds", 422),
            ({"options": {"soak_seconds": -1}}, "options.soak_seconds", 422),
            ({"options": {"margin_percent": True}}, "options.margin_percent", 422),
            ({"options": {"old_group": "burn"}}, "options.old_group", 422),
            ({"options": {"min_size": 5, "max_size": 2}}, "options.min_size", 422),
        ],
    )
    @pytest.mark.parametrize("dry_run", [False, True])
    def test_a_wrong_field_is_named(
        self, fleet: Fleet, operator: ApiClient, change: dict[str, Any], field: str, status: int, dry_run: bool
    ) -> None:
        response = operator.submit("deployments/", {**PUSH, "dry_run": dry_run, **change})
        assert response.status_code == status, response.content
        assert field in [error["field"] for error in response.json()["errors"]]
        assert not Deployment.objects.exists()
        assert not Event.objects.filter(cluster="shop.web-prod").exists()

    @pytest.mark.parametrize("field", sorted(PUSH))
    def test_a_missing_field_is_named(self, fleet: Fleet, operator: ApiClient, field: str) -> None:
        body = {name: value for name, value in PUSH.items() if name != field}
        response = operator.submit("deployments/", body)
        assert response.status_code == 400
        assert response.json()["errors"] == [{"field": field, "detail": "This field is required."}]

    def test_a_busy_cluster_is_409_with_its_owner(
        self, fleet: Fleet, operator: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        raising(monkeypatch, "push", errors.Busy("alice", 7, 3, "shop.web-prod is being changed by alice (push 3)."))
        response = operator.submit("deployments/", PUSH)
        assert response.status_code == 409
        body = response.json()
        assert (body["owner"], body["run"], body["deployment"]) == ("alice", 7, 3)
        assert "alice" in body["detail"]

    def test_a_dry_run_on_a_busy_cluster_tells_that_it_would_be_refused(
        self, fleet: Fleet, operator: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finding = errors.Finding("refuse", "busy", "shop.web-prod is being changed by alice (push 3).", "run 7")
        preview = Preview("Push 4.2.0 to shop.web-prod, 2 → 3 instances", (), (finding,))
        monkeypatch.setattr(views.services, "preview_push", lambda request: preview)
        response = operator.submit("deployments/", {**PUSH, "dry_run": True})
        assert response.status_code == 200
        assert response.json()["possible"] is False
        assert response.json()["findings"] == [finding.as_json()]

    @pytest.mark.parametrize("path", ["deployments/{pk}/rollback/", f"clusters/prod/{REGION}/shop.web-prod/rollback/"])
    def test_a_rollback_hands_on_its_overrides_and_whether_it_waits_its_turn(
        self, fleet: Fleet, operator: ApiClient, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        pushed, handed = fleet.deployment(), list[Any]()

        def rolled(pk: int, overrides: list[str], *, queue: bool) -> Preview:
            handed.append((pk, overrides, queue))
            return Preview("Roll back", ())

        monkeypatch.setattr(views.services, "preview_rollback", rolled)
        body = {"dry_run": True, "overrides": ["single-zone"], "queue": True}
        assert operator.submit(path.format(pk=pushed.pk), body).status_code == 200
        assert handed == [(pushed.pk, ["single-zone"], True)]
        wrong = operator.submit(path.format(pk=pushed.pk), {"overrides": [5]})
        assert wrong.json()["errors"][0]["field"] == "overrides.0"

    def test_a_refused_push_is_422_with_the_findings(
        self, fleet: Fleet, operator: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finding = errors.Finding("refuse", "nobody-serves", "None of v012 serves.", "v012")
        raising(monkeypatch, "push", errors.Refused([finding]))
        response = operator.submit("deployments/", PUSH)
        assert response.status_code == 422
        assert response.json()["findings"] == [finding.as_json()]
        assert response.json()["detail"] == "None of v012 serves."

    @pytest.mark.parametrize(
        ("error", "status"), [(Unavailable("timed out", operation="DescribeImages"), 503), (Denied("no"), 502)]
    )
    def test_the_clouds_trouble_is_told_apart_from_ours(
        self, fleet: Fleet, operator: ApiClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
    ) -> None:
        raising(monkeypatch, "push", error)
        response = operator.submit("deployments/", PUSH)
        assert response.status_code == status
        assert str(error) in response.json()["detail"]

    @pytest.mark.parametrize("path", ["cancel/", "resume/"])
    def test_what_has_ended_can_be_neither_cancelled_nor_resumed(
        self, fleet: Fleet, operator: ApiClient, path: str
    ) -> None:
        response = operator.submit(f"deployments/{fleet.deployment().pk}/{path}")
        assert response.status_code == 409
        assert response.json()["type"].endswith("not-possible-now")

    def test_an_undone_push_cannot_be_rolled_back(self, fleet: Fleet, operator: ApiClient) -> None:
        response = operator.submit(f"deployments/{fleet.deployment(state='undone').pk}/rollback/")
        assert response.status_code == 422
        assert "nothing to roll back" in response.json()["findings"][0]["text"]

    @pytest.mark.parametrize("path", ["cancel/", "rollback/", "resume/"])
    def test_undoing_takes_a_reason_and_nothing_unknown(self, fleet: Fleet, operator: ApiClient, path: str) -> None:
        response = operator.submit(f"deployments/{fleet.deployment(state='waiting').pk}/{path}", {"force": True})
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "force"

    def test_a_cluster_that_was_never_pushed_has_nothing_to_go_back_to(self, fleet: Fleet, operator: ApiClient) -> None:
        response = operator.submit(f"clusters/prod/{REGION}/shop.web-prod/rollback/")
        assert response.status_code == 422
        assert operator.submit(f"clusters/prod/{REGION}/nothing/rollback/").status_code == 404


class TestUndoing:
    """Cancelling a run that only exists in the tables."""

    def test_a_cancelled_push_is_answered_with_202_and_itself(self, fleet: Fleet, operator: ApiClient) -> None:
        push = fleet.deployment(state="waiting")
        response = operator.submit(f"deployments/{push.pk}/cancel/", {"reason": "wrong version"})
        assert response.status_code == 202
        assert response.json()["id"] == push.pk
        assert operator.get(response.headers["Location"]).json()["id"] == push.pk
        push.run.refresh_from_db()
        assert (push.run.cancelled_by, push.run.cancel_reason) == ("oscar", "wrong version")

    def test_the_preview_of_a_cancel_changes_nothing(self, fleet: Fleet, operator: ApiClient) -> None:
        push = fleet.deployment(state="waiting")
        response = operator.submit(f"deployments/{push.pk}/cancel/", {"dry_run": True})
        assert response.status_code == 200
        body = response.json()
        assert body["possible"] is True
        assert [step["kind"] for step in body["steps"]] == ["take-traffic", "create-group"]
        push.run.refresh_from_db()
        assert push.run.cancel_requested_at is None

    def test_rolling_back_a_running_push_is_its_undo(self, fleet: Fleet, operator: ApiClient) -> None:
        push = fleet.deployment(state="waiting")
        response = operator.submit(f"clusters/prod/{REGION}/shop.web-prod/rollback/", {"reason": "slow"})
        assert response.status_code == 202
        assert response.json()["id"] == push.pk

    def test_a_repeated_cancel_under_one_key_is_one_cancel(self, fleet: Fleet, operator: ApiClient) -> None:
        push = fleet.deployment(state="waiting")
        path = f"deployments/{push.pk}/cancel/"
        first = operator.submit(path, {"reason": "x"}, Idempotency_Key="k")
        second = operator.submit(path, {"reason": "x"}, Idempotency_Key="k")
        assert second.content == first.content
        assert Event.objects.filter(kind="run.cancel_requested").count() == 1
        assert operator.submit(path, {"reason": "x"}, Idempotency_Key="k2").status_code in {202, 409}


def test_strategies_and_their_options_are_those_that_are_registered(viewer: ApiClient) -> None:
    (red_black,) = [row for row in viewer.read("strategies/").json() if row["slug"] == "red-black"]
    assert red_black["options"]["properties"]["soak_seconds"]["default"] == 0
    schema = viewer.read("schema/").json()["components"]["schemas"]["DeploymentInputRequest"]
    assert "red-black" in schema["properties"]["strategy"]["enum"]
    assert "soak_seconds" in str(schema["properties"]["options"])
    assert schema["additionalProperties"] is False


def raising(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """Has a service raise: how it comes to that is tested with the service."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(views.services, name, refuse)
    assert getattr(services, name) is refuse
