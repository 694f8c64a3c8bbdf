"""Lists: sorted, filtered and paged by the URL; empty ones say what to do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.inventory.models import Application, Cluster, Group, Image, Instance, SyncState
from apps.workflows.models import Run
from tests.console import world

EMPTY = {
    "/applications/": "No application yet.",
    "/deployments/": "Nothing was pushed yet.",
    "/images/": "No image is known yet.",
    "/environments/": "No environment yet.",
    "/other-groups/": "Every group follows the naming pattern.",
    "/": "No cluster is known yet.",
    "/tokens/": "No token yet.",
}


@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_list_says_what_to_do(operator: Client, path: str) -> None:
    assert EMPTY[path] in operator.get(path).content.decode()


def test_applications_are_sorted_by_the_url_and_back(operator: Client) -> None:
    for name in ("beta", "alpha", "gamma"):
        Application.objects.create(name=name)

    def names(query: str) -> list[str]:
        return re.findall(
            r'href="/applications/(alpha|beta|gamma)/"', operator.get(f"/applications/{query}").content.decode()
        )

    assert names("") == ["alpha", "beta", "gamma"]
    assert names("?sort=-name") == ["gamma", "beta", "alpha"]
    assert names("?sort=name;drop") == ["alpha", "beta", "gamma"]


def test_a_list_pages_and_keeps_its_filters(operator: Client) -> None:
    for number in range(120):
        Application.objects.create(name=f"app{number:03}", owner="team" if number % 2 else "other")
    text = operator.get("/applications/?owner=team&page=2").content.decode()
    assert "51–60 of 60" in text
    assert "?owner=team&amp;page=1" in text
    assert "app119" in text
    assert operator.get("/applications/?page=999").status_code == 200
    assert operator.get("/applications/?page=x").status_code == 200


def test_deployments_are_filtered_and_bad_filters_are_told(operator: Client) -> None:
    world.settled()
    world.moving("test")
    page = operator.get("/deployments/?environment=prod&state=undone").content.decode()
    assert "Push of 4.2.1-rc1" in page
    assert "1–1 of 1" in page
    assert "No deployment matches." in operator.get("/deployments/?cluster=nope").content.decode()
    assert "Enter a valid date/time." in operator.get("/deployments/?since=tuesday").content.decode()


def test_one_vocabulary_for_what_is_running(operator: Client) -> None:
    world.settled()
    world.moving("test")  # stored as `waiting`
    for query in ("state=running", "state=waiting"):
        page = operator.get(f"/deployments/?{query}").content.decode()
        assert "1–1 of 1" in page
        assert "Push of 4.2.0" in page
    page = operator.get("/deployments/").content.decode()
    assert '<option value="" selected>any state</option>' in page
    assert '<option value="prod">prod</option>' in page
    assert "waiting" not in page.split("<tbody", 1)[0]


@pytest.mark.parametrize("query", ["environment=moon", "application=nope", "state=asleep"])
def test_an_unknown_value_is_told_and_finds_nothing(operator: Client, query: str) -> None:
    world.settled()
    page = operator.get(f"/deployments/?{query}").content.decode()
    assert f"{query.partition('=')[2]} is not known here." in page
    assert "No deployment matches." in page


def test_images_of_an_unknown_environment_are_told_to_be_so(operator: Client) -> None:
    world.settled()
    page = operator.get("/images/?environment=moon").content.decode()
    assert "moon is not known here." in page
    assert "No image matches." in page


def test_what_a_person_cancelled_did_not_go_badly(operator: Client) -> None:
    settled = world.settled()
    assert "Did not go well in the last day" in operator.get("/").content.decode()
    Run.objects.filter(state="undone").update(cancelled_by="maria")
    assert "Did not go well in the last day" not in operator.get("/").content.decode()
    assert settled.cluster.name in operator.get("/").content.decode()


def test_a_list_takes_the_same_queries_for_many_rows(operator: Client, django_assert_max_num_queries: object) -> None:
    built = world.build()
    for number in range(40):
        built.image(f"1.{number}")
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        assert Image.objects.count() == 40
        operator.get("/images/")


def test_home_shows_ones_own_clusters_and_what_needs_somebody(operator: Client) -> None:
    world.settled()
    stage = world.build("stage", application="shop")
    before = stage.group(1, stage.image("1.0"), healthy=1)
    after = stage.group(2, stage.image("1.1"), healthy=1, failing=1, attached=False)
    stage.push(before, after, state="needs_person", done=2, says="Both groups miss capacity: 1 of 3 healthy.")
    page = " ".join(operator.get("/").content.decode().split())
    assert "Clusters of your applications" in page
    assert "Needs somebody" in page
    assert "Both groups miss capacity: 1 of 3 healthy." in page
    assert "Did not go well in the last day" in page


def test_home_takes_the_same_queries_for_many_clusters(operator: Client, django_assert_max_num_queries: object) -> None:
    built = world.settled()
    for number in range(12):
        group = built.group(100 + number, built.image(f"9.{number}"), healthy=2, age=0.5)
        other = Cluster.objects.create(
            environment=built.environment, region=world.REGION, name=f"api-x{number}", application=built.application
        )
        Group.objects.filter(pk=group.pk).update(cluster=other)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = operator.get("/").content.decode()
    assert "api-x11" in page


def test_ill_named_groups_are_shown_and_left_alone(operator: Client) -> None:
    built = world.build()
    Group.objects.create(
        **built.synced(),
        name="legacy_box",
        arn="x",
        created_at=built.now - timedelta(days=3),
        min_size=1,
        max_size=2,
        desired=1,
    )
    Group.objects.update(read_at=built.now - timedelta(minutes=18))  # a group that did not change is not written
    SyncState.objects.update(succeeded_at=built.now - timedelta(seconds=10))
    page = operator.get("/other-groups/").content.decode()
    assert "legacy_box" in page
    assert "18 min ago" not in page
    assert re.search(r"Read from AWS <time [^>]*>1\d s ago", page)
    assert "<form" not in page.split("<main", 1)[1]


def test_home_counts_an_instance_that_fails_its_target_groups_checks_as_sick(operator: Client) -> None:
    settled = world.settled()
    assert "6 of 6 healthy" in operator.get("/").content.decode()
    serving = Instance.objects.filter(target_health__contains={settled.target_group.arn: world.HEALTHY}).first()
    assert serving is not None
    Instance.objects.filter(pk=serving.pk).update(target_health={settled.target_group.arn: world.FAILING})
    page = operator.get("/").content.decode()
    assert "5 of 6 healthy" in page
    assert "serves, not complete" in page
