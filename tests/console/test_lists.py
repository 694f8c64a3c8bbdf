"""Lists: sorted, filtered and paged by the URL; empty ones say what to do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.inventory.models import Application, Cluster, Group, Instance, SyncState
from apps.workflows.models import Run
from apps.workflows.states import RunState
from tests.console import world

EMPTY = {
    "/applications/": "No application yet.",
    "/clusters/": "No cluster is known yet.",
    "/changes/": "Nobody changed anything here.",
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


def test_home_shows_every_cluster(operator: Client) -> None:
    built = world.settled()
    for number in range(12):
        group = built.group(100 + number, built.image(f"9.{number}"), healthy=2, age=0.5)
        other = Cluster.objects.create(
            environment=built.environment, region=world.REGION, name=f"api-x{number}", application=built.application
        )
        Group.objects.filter(pk=group.pk).update(cluster=other)
    page = operator.get("/").content.decode()
    assert all(f"api-x{number}" in page for number in range(12))


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
    assert 'method="post"' not in page.split("<main", 1)[1]
    assert "No group matches." in operator.get("/other-groups/?q=nothing-like-it").content.decode()
    assert "legacy_box" in operator.get("/other-groups/?q=LEGACY&sort=-size").content.decode()


def test_home_counts_an_instance_that_fails_its_target_groups_checks_as_sick(operator: Client) -> None:
    settled = world.settled()
    assert "6 of 6 healthy" in operator.get("/").content.decode()
    serving = Instance.objects.filter(target_health__contains={settled.target_group.arn: world.HEALTHY}).first()
    assert serving is not None
    Instance.objects.filter(pk=serving.pk).update(target_health={settled.target_group.arn: world.FAILING})
    page = operator.get("/").content.decode()
    assert "5 of 6 healthy" in page
    assert "serves, not complete" in page


def test_a_moment_is_picked_with_the_browsers_means_and_kept_as_rest_writes_it(operator: Client) -> None:
    world.settled()

    def field(since: str) -> str:
        page = operator.get("/deployments/", {"since": since}).content.decode()
        return next(each for each in re.findall(r"<input [^>]*>", page) if 'name="since"' in each)

    for since, shown in (
        ("2026-11-20T10:05", "2026-11-20T10:05"),
        ("2026-11-20T12:05:07+02:00", "2026-11-20T10:05:07"),
        ("2026-11-20", "2026-11-20T00:00"),
    ):
        assert 'type="datetime-local"' in field(since)
        assert f'value="{shown}"' in field(since)
    assert 'type="datetime-local"' in field("")
    assert 'type="text"' in field("tuesday")
    assert 'value="tuesday"' in field("tuesday")


def test_an_image_is_found_by_who_went_to_it_and_who_went_away(operator: Client) -> None:
    settled = world.settled()
    old, new = settled.cluster.groups.order_by("name")
    assert "1–1 of 1" in operator.get(f"/deployments/?image={new.image_id}").content.decode()
    assert "1–2 of 2" in operator.get(f"/deployments/?image={old.image_id}").content.decode()


def test_deployments_are_sorted_by_each_of_their_columns(operator: Client) -> None:
    settled, moving = world.settled(), world.moving("test")
    undone, pushed = settled.cluster.deployments.order_by("pk")
    running = moving.cluster.deployments.get()
    Run.objects.filter(deployment=undone).update(ended_at=undone.created_at + timedelta(seconds=5))

    def numbers(sort: str) -> list[int]:
        page = operator.get(f"/deployments/?sort={sort}").content.decode()
        assert page.count('aria-sort="ascending"') == 1
        return [int(number) for number in re.findall(r'<tr id="history-(\d+)"', page)]

    assert numbers("id") == [undone.pk, pushed.pk, running.pk]
    assert numbers("state") == [running.pk, pushed.pk, undone.pk]
    assert numbers("by") == [undone.pk, pushed.pk, running.pk]
    assert numbers("cluster") == [undone.pk, pushed.pk, running.pk]
    assert numbers("took") == [undone.pk, running.pk, pushed.pk]
    assert numbers("what")[-1] == undone.pk


@pytest.mark.parametrize("path", ["/clusters/", "/images/", "/load-balancers/", "/launch-templates/", "/deployments/"])
def test_every_head_that_sorts_does_so_both_ways(operator: Client, path: str) -> None:
    world.settled()
    world.moving("test")
    heads = set(re.findall(r'\?sort=-?([\w-]+)"', operator.get(path).content.decode()))
    assert len(heads) >= 4
    for head in heads:
        for sort, said in ((head, "ascending"), (f"-{head}", "descending")):
            page = operator.get(f"{path}?sort={sort}").content.decode()
            assert page.count(f'aria-sort="{said}"') == 1, (path, sort)


def test_home_shows_first_what_needs_its_reader(operator: Client) -> None:
    for name, application, actor in (("one", "api", "jo"), ("two", "shop", "Operator"), ("three", "cart", "jo")):
        built = world.build(name, application=application)
        Application.objects.filter(name=application).update(owner="operator" if application == "api" else "team")
        group = built.group(1, built.image("1.0"), healthy=1)
        built.push(group, group, state=RunState.NEEDS_PERSON, done=3, actor=actor)
    waiting = operator.get("/").content.decode().partition('id="waiting"')[2].partition("</section>")[0]
    assert re.findall(r'href="/clusters/(\w+)/', waiting) == ["two", "one", "three"]
