"""Reading the inventory: what is where, how it is, and how old that knowledge is."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.deployments.models import Deployment
from apps.inventory.models import Group, Instance, LoadBalancer
from apps.inventory.selectors.standing import UNREAD
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, TARGETS, Fleet
from tests.counting import refusing_cloud

PLACE = f"prod/{REGION}"
CLUSTER = f"clusters/{PLACE}/shop.web-prod/"


def read(client: ApiClient, path: str) -> Any:
    response = client.read(path)
    assert response.status_code == 200, response.content
    return response.json()


def results(client: ApiClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(client, path)["results"]
    return found


LISTS = [
    ("applications/", "name", {"shop.web"}),
    ("environments/", "name", {"prod"}),
    ("clusters/", "name", {"shop.web-prod"}),
    ("groups/", "name", {"shop.web-prod-v012", "shop.web-prod-v013"}),
    ("images/", "image_id", {"ami-0a", "ami-0b"}),
    ("load-balancers/", "name", {"shop-lb"}),
    ("target-groups/", "name", {"shop-tg"}),
    ("launch-templates/", "template_id", {"lt-1"}),
]


@pytest.mark.parametrize(("path", "key", "expected"), LISTS)
def test_each_list_leads_to_each_thing(
    fleet: Fleet, viewer: ApiClient, path: str, key: str, expected: set[str]
) -> None:
    found = results(viewer, path)
    assert {row[key] for row in found} == expected
    for row in found:
        assert viewer.get(row["url"]).json()[key] == row[key]


@pytest.mark.parametrize("path", ["", *(path for path, _, _ in LISTS), "instances/", "strategies/", CLUSTER])
def test_nobody_reads_it_unknown(fleet: Fleet, anonymous: ApiClient, path: str) -> None:
    assert anonymous.read(path).status_code == 401


def test_the_front_door_links_to_everything_that_one_may_read(
    fleet: Fleet, viewer: ApiClient, administrator: ApiClient
) -> None:
    for person in (viewer, administrator):
        for name, url in read(person, "").items():
            if name != "docs":
                assert person.get(url).status_code == 200, name
    assert read(administrator, "").keys() - read(viewer, "").keys() == {"webhooks"}


def test_a_cluster_shows_its_groups_side_by_side(fleet: Fleet, viewer: ApiClient) -> None:
    push = fleet.deployment()
    body = read(viewer, CLUSTER)
    old, new = body["groups"]
    assert body["sentence"] == ("v013 (4.2.0) serves all traffic, 2 of 2 healthy. v012 is kept for a rollback.")
    assert body["serving"] == [{"group": "shop.web-prod-v013", "version": "4.2.0", "healthy": 2, "total": 2}]
    assert (old["state"], old["version"], old["traffic_share"]) == ("kept", "4.1.9", 0.0)
    assert (new["state"], new["version"], new["traffic_share"], new["healthy"]) == ("serving", "4.2.0", 1.0, 2)
    assert (new["min_size"], new["desired_capacity"], new["max_size"]) == (1, 2, 4)
    assert [each["condition"] for each in new["instances"]] == ["healthy", "healthy"]
    assert body["rollback"] == {"possible": True, "group": push.from_group, "version": "4.1.9", "why_not": ""}
    assert body["running"] is None
    assert body["synced_at"]
    assert body["stale"] is False


def test_a_group_that_never_served_stands_by_and_is_no_way_back(fleet: Fleet, viewer: ApiClient) -> None:
    fleet.deployment()
    Deployment.objects.update(kind=Deployment.Kind.CHANGE, operation="create-next")
    body = read(viewer, CLUSTER)
    assert body["sentence"].endswith("healthy. v012 stands by.")
    assert not body["rollback"]["possible"]


def test_the_list_of_clusters_says_who_serves_which_version_and_how_well(fleet: Fleet, viewer: ApiClient) -> None:
    Instance.objects.filter(group__name="shop.web-prod-v012").update(lifecycle_state="Pending")
    (row,) = results(viewer, "clusters/")
    assert row["serving"] == [{"group": "shop.web-prod-v013", "version": "4.2.0", "healthy": 2, "total": 2}]
    assert row["sentence"] == "v013 (4.2.0) serves all traffic, 2 of 2 healthy."


def test_an_instance_that_fails_its_health_check_is_not_counted_as_serving(fleet: Fleet, viewer: ApiClient) -> None:
    sick = Instance.objects.filter(group__name="shop.web-prod-v013").first()
    assert sick
    sick.target_health[TARGETS] |= {"state": "unhealthy", "description": "Health checks failed with these codes: [503]"}
    sick.save()
    assert results(viewer, "clusters/")[0]["sentence"] == "v013 (4.2.0) serves all traffic, 1 of 2 healthy."
    assert read(viewer, CLUSTER)["sentence"] == "v013 (4.2.0) serves all traffic, 1 of 2 healthy."
    Group.objects.filter(name="shop.web-prod-v013").update(desired=1)  # one too many, and not well: it is missed
    assert read(viewer, CLUSTER)["serving"][0]["total"] == results(viewer, "clusters/")[0]["serving"][0]["total"] == 2
    for instance in Instance.objects.filter(group__name="shop.web-prod-v013"):
        Instance.objects.filter(pk=instance.pk).update(target_health={TARGETS: sick.target_health[TARGETS]})
    nobody = "No group serves traffic: no healthy instance is behind a listener."
    assert results(viewer, "clusters/")[0]["sentence"] == nobody
    assert read(viewer, CLUSTER)["groups"][1]["state"] == "unhealthy"


def test_who_serves_is_not_known_until_the_rules_were_read(fleet: Fleet, viewer: ApiClient) -> None:
    LoadBalancer.objects.update(listeners=[])
    (row,) = results(viewer, "clusters/")
    body = read(viewer, CLUSTER)
    assert row["sentence"] == body["sentence"] == UNREAD
    assert (row["serving"], row["serving_known"], body["serving"], body["serving_known"]) == ([], False, [], False)
    assert [group["state"] for group in body["groups"]] == ["idle", "unknown"]
    LoadBalancer.objects.update(listeners_read_at=timezone.now())
    (row,) = results(viewer, "clusters/")
    assert (row["serving_known"], row["sentence"].startswith("No group serves traffic")) == (True, True)
    assert read(viewer, "load-balancers/")["results"][0]["listeners_synced_at"]


def test_a_group_that_a_push_brings_up_is_starting_not_idle(fleet: Fleet, viewer: ApiClient) -> None:
    fleet.deployment(state="waiting")
    Instance.objects.filter(group__name="shop.web-prod-v013").update(target_health={})
    assert [group["state"] for group in read(viewer, CLUSTER)["groups"]] == ["idle", "starting"]


def test_a_cluster_shows_what_changes_it_now(fleet: Fleet, viewer: ApiClient) -> None:
    running = fleet.deployment(state="waiting")
    body = read(viewer, CLUSTER)
    assert body["running"]["id"] == running.pk
    assert body["running"]["waiting_for"].startswith("Waiting for 1 of 2 instances")
    assert body["rollback"]["possible"] is False


def test_a_group_outside_of_the_grammar_is_shown_without_a_cluster(fleet: Fleet, viewer: ApiClient) -> None:
    fleet.group(None, "some--odd--name", "ami-gone", 0, serving=False)
    (row,) = results(viewer, "groups/?managed=false")
    assert (row["name"], row["cluster"], row["cluster_url"]) == ("some--odd--name", None, None)


def test_a_group_shows_its_instances(fleet: Fleet, viewer: ApiClient) -> None:
    body = read(viewer, f"groups/{PLACE}/shop.web-prod-v013/")
    assert body["launch_template"] == {"id": "lt-1", "name": "shop", "version": "3"}
    (first, _) = body["instances"]
    assert first["in_service"] is True
    assert first["target_health"][0]["state"] == "healthy"
    assert viewer.get(first["url"]).json()["group"] == "shop.web-prod-v013"


def test_an_environment_says_how_old_its_copies_are_and_keeps_its_secret(fleet: Fleet, viewer: ApiClient) -> None:
    response = viewer.read("environments/prod/")
    assert b"hush" not in response.content
    assert {row["kind"] for row in response.json()["syncs"]} >= {"groups", "instances", "images"}
    assert all(row["synced_at"] for row in response.json()["syncs"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("clusters/?name=shop.web-prod", 1),
        ("clusters/?name=shop", 0),
        ("clusters/?cluster=shop.web-prod&environment=prod", 1),
        ("clusters/?cluster=shop", 0),
        ("clusters/?application=shop.web&environment=prod&region=us-east-1", 1),
        ("clusters/?image=ami-0a", 1),
        ("clusters/?image=ami-zz", 0),
        ("groups/?cluster=shop.web-prod&image=ami-0a", 1),
        ("instances/?group=shop.web-prod-v013", 2),
        ("instances/?state=stopped", 0),
        ("images/?application=shop.web&version=4.2.0", 1),
        ("images/?q=ami-0a", 1),
        ("applications/?q=SHOP", 1),
    ],
)
def test_lists_are_filtered_by_what_is_in_the_url(fleet: Fleet, viewer: ApiClient, query: str, found: int) -> None:
    assert len(results(viewer, query)) == found


@pytest.mark.parametrize("value", ["yes", "null", "TRUE"])
def test_a_filter_that_is_neither_true_nor_false_is_told(fleet: Fleet, viewer: ApiClient, value: str) -> None:
    response = viewer.read(f"groups/?managed={value}")
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "managed", "detail": "Use true or false."}]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (f"clusters/{PLACE}/shop.web/", f"There is no cluster shop.web in prod {REGION}."),
        (f"clusters/{PLACE}/shop.web/policy/", f"There is no cluster shop.web in prod {REGION}."),
        (f"clusters/test/{REGION}/shop.web-prod/", f"There is no cluster shop.web-prod in test {REGION}."),
        ("clusters/prod/eu-west-1/shop.web-prod/", "There is no cluster shop.web-prod in prod eu-west-1."),
        (f"groups/{PLACE}/shop.web-prod-v014/", f"There is no group shop.web-prod-v014 in prod {REGION}."),
        (f"groups/{PLACE}/shop.web-prod-v014/details/", f"There is no group shop.web-prod-v014 in prod {REGION}."),
        (f"instances/{PLACE}/i-1/", f"There is no instance i-1 in prod {REGION}."),
        (f"images/{PLACE}/ami-zz/", f"There is no image ami-zz in prod {REGION}."),
        (f"load-balancers/{PLACE}/none/", f"There is no load balancer none in prod {REGION}."),
        ("environments/dev/", ""),
        ("applications/shop/", ""),
    ],
)
def test_what_is_not_there_is_404_and_named(fleet: Fleet, viewer: ApiClient, path: str, says: str) -> None:
    answer = viewer.read(path)
    assert answer.status_code == 404
    assert says in answer.json()["detail"]


def test_what_is_gone_is_not_shown(fleet: Fleet, viewer: ApiClient) -> None:
    Group.objects.filter(name="shop.web-prod-v012").update(gone_at="2026-01-01T00:00:00Z")
    assert [row["name"] for row in results(viewer, "groups/")] == ["shop.web-prod-v013"]
    assert viewer.read(f"groups/{PLACE}/shop.web-prod-v012/").status_code == 404


@pytest.mark.parametrize("path", ["clusters/", "groups/", "images/"])
def test_pages_follow_one_another_across_related_fields(viewer: ApiClient, db: None, path: str) -> None:
    fleet = Fleet(clusters=3, size=0)
    for number in range(3):
        fleet.image(f"ami-1{number}", "5.0.0")
    key = "image_id" if path == "images/" else "name"
    everything = [row[key] for row in results(viewer, path)]
    seen: list[str] = []
    url = f"/api/v1/{path}?page_size=2"
    while url:
        body = viewer.get(url).json()
        seen += [row[key] for row in body["results"]]
        url = body["next"]
    assert seen == everything
    assert len(seen) == len(set(seen)) > 2


def test_what_aws_does_not_tell_of_a_group_now_is_a_problem(fleet: Fleet, viewer: ApiClient) -> None:
    with refusing_cloud():
        answer = viewer.read(f"groups/{PLACE}/shop.web-prod-v013/details/")
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:deployconsole:problem:cloud-refused")
