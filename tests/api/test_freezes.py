"""Freezes over REST: made, listed, ended; shown with their clusters; every wrong field is named."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments.models import Freeze
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

CHRISTMAS = {"ends_at": "2030-12-27T08:00", "zone": "Europe/Berlin", "reason": "Christmas"}


def made(client: ApiClient, **more: Any) -> dict[str, Any]:
    response = client.submit("freezes/", {**CHRISTMAS, **more})
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    assert response.headers["Location"] == body["url"]
    return body


def test_one_is_made_in_its_own_time_zone_and_read_in_both(fleet: Fleet, operator: ApiClient) -> None:
    body = made(operator, environment="prod", starts_at="2030-12-24T18:00")
    assert (body["starts_at"], body["ends_at"]) == ("2030-12-24T17:00:00Z", "2030-12-27T07:00:00Z")
    assert (body["starts_at_local"], body["zone"]) == ("2030-12-24T18:00:00+01:00", "Europe/Berlin")
    assert (body["state"], body["actor"], body["cluster"]) == ("to-come", "oscar", "")
    assert body["sentence"].startswith("Prod is frozen until 27 Dec 2030 08:00 Europe/Berlin (07:00 UTC) by oscar")
    assert operator.get(body["url"]).json() == body


def test_without_a_beginning_it_is_on_at_once_and_its_clusters_say_so(fleet: Fleet, operator: ApiClient) -> None:
    body = made(operator, application="shop.web")
    assert body["state"] == "on"
    cluster = operator.read(f"clusters/prod/{REGION}/shop.web-prod/").json()
    assert [freeze["url"] for freeze in cluster["freezes"]] == [body["url"]]


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"ends_at": "tomorrow"}, "ends_at", 400),
        ({"ends_at": None}, "ends_at", 400),
        ({"ends_at": 5}, "ends_at", 400),
        ({"starts_at": ""}, "starts_at", 400),
        ({"reason": ""}, "reason", 400),
        ({"until": "x"}, "until", 400),
        ({"zone": "Mars"}, "zone", 422),
        ({"environment": "dev"}, "environment", 422),
        ({"application": "shop"}, "application", 422),
        ({"cluster": "web-test"}, "cluster", 422),
        ({"ends_at": "2030-03-31T02:30"}, "ends_at", 422),
        ({"ends_at": "2020-01-01T00:00Z"}, "ends_at", 422),
        ({"ends_at": "9999-12-31T23:59-12:00"}, "ends_at", 422),
        ({"starts_at": "2031-01-01T00:00"}, "ends_at", 422),
    ],
)
def test_a_wrong_field_is_named(
    fleet: Fleet, operator: ApiClient, change: dict[str, Any], field: str, status: int
) -> None:
    response = operator.submit("freezes/", {**CHRISTMAS, **change})
    assert response.status_code == status, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Freeze.objects.exists()


def test_the_list_is_filtered(fleet: Fleet, operator: ApiClient) -> None:
    on, to_come = made(operator, environment="prod"), made(operator, starts_at="2030-12-24T00:00Z")
    over = made(operator, cluster="shop.web-prod")
    operator.submit(f"freezes/{over['id']}/end/", {"reason": "all is well"})
    found = {
        query: [each["id"] for each in operator.read(f"freezes/?{query}").json()["results"]]
        for query in ("state=on", "state=to-come", "state=over", "environment=prod", "cluster=shop.web-prod", "")
    }
    assert found == {
        "state=on": [on["id"]],
        "state=to-come": [to_come["id"]],
        "state=over": [over["id"]],
        "environment=prod": [on["id"]],
        "cluster=shop.web-prod": [over["id"]],
        "": [to_come["id"], over["id"], on["id"]],
    }
    assert operator.read("freezes/?state=soon").status_code == 400


def test_ending_one_is_recorded_and_done_once(fleet: Fleet, operator: ApiClient) -> None:
    path = f"freezes/{made(operator)['id']}/end/"
    assert operator.submit(path, {}).json()["errors"][0]["field"] == "reason"
    body = operator.submit(path, {"reason": "all is well"}).json()
    assert (body["state"], body["ended_by"], body["end_reason"]) == ("over", "oscar", "all is well")
    again = operator.submit(path, {"reason": "all is well"})
    assert again.status_code == 409
    assert "oscar ended it already" in again.json()["detail"]
    assert operator.submit("freezes/99/end/", {"reason": "x"}).status_code == 404
    assert operator.submit(f"freezes/{10**30}/end/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("viewer", 403)])
def test_others_make_and_end_none(fleet: Fleet, request: pytest.FixtureRequest, who: str, status: int) -> None:
    client: ApiClient = request.getfixturevalue(who)
    for path in ("freezes/", "freezes/1/end/"):
        assert client.submit(path, CHRISTMAS).status_code == status
    assert not Freeze.objects.exists()
