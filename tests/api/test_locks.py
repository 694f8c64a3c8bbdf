"""Lock, queue and break-glass over REST."""

from __future__ import annotations

from typing import Any

import pytest

from apps.api.views import deployments as views
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.events.models import Event
from apps.workflows.models import Borrowed, Lock, Run
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

PATH = f"clusters/prod/{REGION}/shop.web-prod/"
RESOURCE = f"cluster:prod/{REGION}/shop.web-prod"


def held(fleet: Fleet, state: str = "waiting") -> Deployment:
    """A deployment that holds its cluster's lock."""
    made = fleet.deployment(state=state, actor="alice")
    Run.objects.filter(pk=made.run_id).update(resource=RESOURCE, called=f"push {made.pk}")
    Lock.objects.create(resource=RESOURCE, run=made.run, owner="alice", reason="fix login")
    return made


def test_a_cluster_tells_who_holds_it_who_waits_and_what_is_borrowed(fleet: Fleet, viewer: ApiClient) -> None:
    made, waits = held(fleet), fleet.deployment(state="queued", actor="jo")
    Run.objects.filter(pk=waits.run_id).update(planned=False, resource=RESOURCE)
    says = "min raised 4 → 12"
    resource = f"prod/{REGION}/shop.web-prod-v013"
    Borrowed.objects.create(run=made.run, kind="size", resource=resource, original={}, says=says)
    body = viewer.read(PATH).json()
    assert body["running"]["id"] == made.pk
    assert {name: body["lock"][name] for name in ("owner", "run", "name", "reason", "stuck")} == {
        "owner": "alice",
        "run": made.run_id,
        "name": f"push {made.pk}",
        "reason": "fix login",
        "stuck": "",
    }
    assert [each["id"] for each in body["queue"]] == [waits.pk]
    owed = {group["name"]: group["borrowed"] for group in body["groups"]}
    assert owed["shop.web-prod-v012"] == []
    assert owed["shop.web-prod-v013"][0]["sentence"].startswith(f"{says} by push {made.pk}")


def test_a_free_cluster_has_no_lock(fleet: Fleet, viewer: ApiClient) -> None:
    body = viewer.read(PATH).json()
    assert (body["lock"], body["queue"]) == (None, [])


def test_breaking_a_lock_needs_the_clusters_name_a_reason_and_force_while_it_goes_on(
    fleet: Fleet, operator: ApiClient
) -> None:
    made = held(fleet)
    body: dict[str, Any] = {"confirm": "shop.web-prod", "reason": "it hangs"}
    for wrong, field in (({"confirm": "shop"}, "confirm"), ({"reason": ""}, "reason"), ({"force": 1}, "force")):
        refused = operator.submit(f"{PATH}unlock/", {**body, **wrong})
        assert refused.json()["errors"][0]["field"] == field
    refused = operator.submit(f"{PATH}unlock/", body)
    assert refused.status_code == 409
    assert "goes on by itself" in refused.json()["detail"]
    done = operator.submit(f"{PATH}unlock/", {**body, "force": True})
    assert done.status_code == 200
    assert (done.json()["deployment"]["id"], done.json()["deployment"]["state"]) == (made.pk, "cancelled")
    assert Event.objects.get(kind="lock.broken").reason == "it hangs"
    again = operator.submit(f"{PATH}unlock/", body)
    assert again.status_code == 409
    assert "Nobody holds" in again.json()["detail"]


def test_one_that_asks_a_person_is_stopped_without_force(fleet: Fleet, operator: ApiClient) -> None:
    held(fleet, "needs_person")
    assert operator.submit(f"{PATH}unlock/", {"confirm": "shop.web-prod", "reason": "x"}).status_code == 200


def test_others_break_nothing(fleet: Fleet, viewer: ApiClient, anonymous: ApiClient) -> None:
    assert viewer.submit(f"{PATH}unlock/", {}).status_code == 403
    assert anonymous.submit(f"{PATH}unlock/", {}).status_code == 401


def test_queue_and_what_a_failure_does_are_handed_on(
    fleet: Fleet, operator: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, asked = fleet.deployment(state="queued"), list[Any]()

    def push(request: PushRequest, *, actor: str) -> Deployment:
        asked.append((request.queue, request.on_failure))
        return made

    def rollback(pk: int, **given: Any) -> Deployment:
        asked.append(given["queue"])
        return made

    monkeypatch.setattr(views.services, "push", push)
    monkeypatch.setattr(views.services, "rollback", rollback)
    body = {"environment": "prod", "region": REGION, "cluster": "shop.web-prod", "image": "ami-0b"}
    operator.submit("deployments/", {**body, "queue": True, "on_failure": "ask"})
    operator.submit("deployments/", body)
    operator.submit(f"deployments/{made.pk}/rollback/", {"queue": True})
    assert asked == [(True, "ask"), (False, "undo"), True]
    wrong = operator.submit("deployments/", {**body, "on_failure": "hope", "queue": "yes"})
    assert {error["field"] for error in wrong.json()["errors"]} == {"on_failure", "queue"}
