"""`status`, `history`, `images`, `apps list`: every page of a list, for eyes and for scripts."""

import json

import pytest

from tests.cli.conftest import Answer, Pretended, Shell, deployment


def test_lists_are_read_page_by_page(console: Pretended, run: Shell) -> None:
    first = {"results": [{"name": "api"}], "next": f"{console.url}/api/v1/applications/?cursor=x"}
    console.answers("GET", "applications/", Answer(first))
    console.answers("GET", "applications/?cursor=x", Answer({"results": [{"name": "web"}], "next": None}))

    done = run("apps", "list", "--json")

    assert [app["name"] for app in json.loads(done.out)] == ["api", "web"]


def test_a_limit_ends_the_reading(console: Pretended, run: Shell) -> None:
    page = {"results": [deployment(id=9), deployment(id=8)], "next": f"{console.url}/api/v1/changes/?cursor=x"}
    console.answers("GET", "changes/?cluster=api-prod", Answer(page))

    done = run("history", "api-prod", "--limit", "2", "--json")

    assert [item["id"] for item in json.loads(done.out)] == [9, 8]
    assert len(console.asked) == 1


def test_history_tells_of_every_kind_of_change_and_asks_by_the_filters_of_the_page(
    console: Pretended, run: Shell
) -> None:
    place = {"environment": "prod", "region": "us-east-1"}
    push = {"source": "deployment", "id": 87, "kind": "push", "cluster": "api-prod", **place, "state": "undone"}
    push |= {"actor": "maria", "summary": "Push of 4.2.0", "says": "2 of 7 healthy.", "reason": "fix login"}
    recipe = {"source": "event", "id": 9, "kind": "recipe.changed", **place, "state": "", "actor": "ann"}
    recipe |= {"summary": "ann changed base of the recipe of api.", "says": "", "reason": ""}
    recipe["changed"] = [{"name": "base", "before": "debian-12", "after": ""}]
    console.answers("GET", "changes/?application=api&hours=24", Answer({"results": [push, recipe], "next": None}))

    lines = [line.split("\t") for line in run("history", "--app", "api", "--hours", "24").out.splitlines()]

    assert lines[0][0] == "87"
    assert lines[0][-1] == "Push of 4.2.0. 2 of 7 healthy. “fix login”"
    assert lines[1][0] == "", "only the numbers of deployments are taken by other commands"
    assert lines[1][-1] == "ann changed base of the recipe of api. base: debian-12 → none."


def test_piped_columns_are_separated_by_tabs_and_have_no_heads(console: Pretended, run: Shell) -> None:
    image = {"image_id": "ami-1", "application": "api", "version": "4.2.0", "commit": "0123456789abcdef"}
    console.answers("GET", "images/?application=api", Answer({"results": [image], "next": None}))

    assert run("images", "api").out.splitlines() == ["ami-1\tapi\t4.2.0\t0123456789\t\t\t"]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [(["apps", "list"], "applications/"), (["status"], "clusters/"), (["history"], "changes/")],
)
def test_an_empty_list_says_so(console: Pretended, run: Shell, arguments: list[str], path: str) -> None:
    console.answers("GET", path, Answer({"results": [], "next": None}))

    done = run(*arguments)

    assert done.status == 0
    assert done.out == ""
    assert done.err


def test_a_cluster_is_shown_with_its_groups(console: Pretended, run: Shell) -> None:
    group = {"name": "api-prod-v012", "version": "4.1.9", "image_id": "ami-0", "state": "serving", "healthy": 6}
    cluster = {"name": "api-prod", "sentence": "v012 serves all traffic, 6 of 6 healthy.", "groups": [group]}
    console.answers("GET", "clusters/prod/us-east-1/api-prod/", Answer(cluster))

    lines = run("status", "api-prod", "--env", "prod", "--region", "us-east-1").out.splitlines()

    assert lines[0] == "v012 serves all traffic, 6 of 6 healthy."
    assert lines[1].startswith("api-prod-v012\t4.1.9\tami-0\tserving\t6")


def test_without_a_cluster_it_says_of_each_what_serves_and_how_well(console: Pretended, run: Shell) -> None:
    place = {"environment": "prod", "region": "us-east-1"}
    serving = [{"group": "web-prod-v031", "version": "2026.45.0", "healthy": 2, "total": 3}]
    well = {**place, "name": "web-prod", "sentence": "v031 (2026.45.0) serves all traffic.", "serving": serving}
    badly = {**place, "name": "api-prod", "sentence": "No group serves traffic.", "serving": []}
    unread = {**badly, "name": "new-prod", "sentence": "It is not known yet.", "serving_known": False}
    console.answers("GET", "clusters/", Answer({"results": [badly, unread, well], "next": None}))

    assert run("status").out.splitlines() == [
        "api-prod\tprod\tus-east-1\tnothing\t\t\tNo group serves traffic.",
        "new-prod\tprod\tus-east-1\tunknown\t\t\tIt is not known yet.",
        "web-prod\tprod\tus-east-1\tweb-prod-v031\t2026.45.0\t2 of 3\t",
    ]


def test_an_application_is_created_with_what_is_given(console: Pretended, run: Shell) -> None:
    console.answers("POST", "applications/", Answer({"name": "billing"}, 201))

    assert run("apps", "create", "billing", "--owner", "payments").status == 0
    assert console.posted() == [
        {"name": "billing", "owner": "payments", "email": "", "description": "", "repository_url": ""}
    ]


def test_a_cluster_is_read_from_aws_first_where_that_is_asked_for(console: Pretended, run: Shell) -> None:
    found = {"name": "api-prod", "sentence": "v013 serves all traffic.", "groups": []}
    console.answers("POST", "clusters/prod/us-east-1/api-prod/refresh/", Answer(found))

    done = run("status", "api-prod", "--env", "prod", "--region", "us-east-1", "--refresh")

    assert done.out.splitlines()[0] == "v013 serves all traffic."
    assert run("status", "--refresh").status == 2
