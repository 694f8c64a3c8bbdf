"""`images` and `images diff`: what could be pushed, and what differs between two."""

import json

import pytest

from tests.cli.conftest import Answer, Pretended, Shell
from tests.cli.terminal import shown

PATH = "images/prod/us-east-1/ami-2/diff/"
SIDE = {"application": "api", "base": "", "base_image": ""}
DIFF = {
    "before": {**SIDE, "image_id": "ami-1", "version": "4.1.9", "base": "debian-12 2026.10", "base_image": "ami-b"},
    "after": {**SIDE, "image_id": "ami-2", "version": "4.2.0", "base_image": "ami-c"},
    "base_changed": True,
    "attributes": [{"name": "Commit", "before": "a1", "after": "b2"}],
    "packages": [
        {
            "manager": "deb",
            "changes": [{"kind": "upgraded", "name": "openssl", "before": "3.0.11", "after": "3.0.12"}],
            "unchanged": 412,
        }
    ],
    "files": {"changes": [{"kind": "changed", "path": "/etc/app.conf"}], "unchanged": 3},
    "unknown": [],
}
COMMITS = {
    "added": [{"id": "0123456789abcdef", "title": "fix [login]", "author": "Maria", "tickets": ["SHOP-1", "SHOP-2"]}],
    "added_total": 3,
    "removed": [],
    "removed_total": 0,
    "problem": "",
    "note": "",
}


@pytest.fixture
def compared(console: Pretended) -> Pretended:
    image = {"image_id": "ami-2", "environment": "prod", "region": "us-east-1"}
    console.answers(
        "GET", "images/?q=ami-2", Answer({"results": [{**image, "image_id": "ami-22"}, image], "next": None})
    )
    console.answers("GET", f"{PATH}?against=ami-1", Answer(DIFF))
    console.answers("GET", f"{PATH}commits/?against=ami-1", Answer(COMMITS))
    return console


def test_what_differs_is_listed_a_line_each_and_what_does_not_is_counted(compared: Pretended, run: Shell) -> None:
    done = run("images", "diff", "ami-1", "ami-2")
    assert done.status == 0
    assert done.out.splitlines() == [
        "api 4.1.9 (ami-1) → api 4.2.0 (ami-2)",
        "image\tchanged\tCommit\ta1\tb2",
        "image\tchanged\tBase image\tdebian-12 2026.10\tami-c",
        "deb\tupgraded\topenssl\t3.0.11\t3.0.12",
        "files\tchanged\t/etc/app.conf\t\t",
        "0123456789\tadded\tfix [login]\tSHOP-1 SHOP-2\tMaria",
    ]
    assert done.err.splitlines() == ["Unchanged: 412 deb, 3 files.", "Not listed: 2 older commits."]


def test_the_place_may_be_named_commits_left_out_and_all_of_it_had_as_json(compared: Pretended, run: Shell) -> None:
    where = ("--env", "prod", "--region", "us-east-1")
    assert json.loads(run("images", "diff", "ami-1", "ami-2", *where, "--json").out) == {**DIFF, "commits": COMMITS}
    asked = len(compared.asked)
    assert json.loads(run("images", "diff", "ami-1", "ami-2", *where, "--json", "--no-commits").out) == DIFF
    assert len(compared.asked) == asked + 1


def test_what_is_not_known_is_said_beside_the_list(compared: Pretended, run: Shell) -> None:
    nothing = {
        **DIFF,
        "base_changed": None,
        "attributes": [],
        "packages": [],
        "files": None,
        "unknown": ["Nobody knows."],
    }
    compared.answers("GET", f"{PATH}?against=ami-1", Answer(nothing))
    compared.answers("GET", f"{PATH}commits/?against=ami-1", Answer({"problem": "No recipe names its repository."}))
    done = run("images", "diff", "ami-1", "ami-2")
    assert done.out.splitlines() == ["api 4.1.9 (ami-1) → api 4.2.0 (ami-2)"]
    assert done.err.splitlines() == ["Nothing is known to differ.", "Nobody knows.", "No recipe names its repository."]


def test_an_image_that_nobody_knows_is_refused(compared: Pretended, run: Shell) -> None:
    compared.answers("GET", "images/?q=ami-2", Answer({"results": [], "next": None}))
    done = run("images", "diff", "ami-1", "ami-2")
    assert done.status == 3
    assert "No image ami-2 is known." in done.err


@pytest.mark.parametrize("arguments", [["images", "diff"], ["images", "diff", "ami-1"], ["images", "api", "web"]])
def test_what_is_missing_or_too_much_is_a_wrong_command_line(
    console: Pretended, run: Shell, arguments: list[str]
) -> None:
    assert run(*arguments).status == 2
    assert console.asked == []


@pytest.mark.parametrize("arguments", [["api"], ["list", "api"], ["--limit", "20", "api"]])
def test_without_a_command_images_are_listed(console: Pretended, run: Shell, arguments: list[str]) -> None:
    console.answers("GET", "images/?application=api", Answer({"results": [{"image_id": "ami-1"}], "next": None}))
    assert run("images", *arguments).out.startswith("ami-1\t")


def test_a_narrow_terminal_still_tells_names_and_versions_whole(compared: Pretended) -> None:
    text = shown(60, "images", "diff", "ami-1", "ami-2")
    assert all(word in text for word in ("openssl", "3.0.11", "3.0.12", "/etc/app.conf"))


def test_what_uses_an_image_is_told_with_when_it_was_last_used(console: Pretended, run: Shell) -> None:
    here = {"environment": "prod", "region": "us-east-1"}
    used = {
        "groups": [{**here, "group": "api-prod-v012", "does": "serves", "instance_count": 3}],
        "instances": [
            {**here, "instance_id": "i-1", "group": "api-prod-v013"},
            {**here, "instance_id": "i-2", "group": ""},
        ],
        "templates": [{**here, "name": "api", "template_id": "lt-1", "version": 7, "current": True}],
        "base_of": [],
        "copies": [{"environment": "prod", "region": "eu-west-1", "image_id": "ami-2", "name": "api-1"}],
        "last_referenced_at": "2020-01-01T00:00:00Z",
        "last_referenced_by": "group api-prod-v012 in prod us-east-1",
        "unknown": "The groups of test could not be read lately.",
        "mark": None,
        "keeps": [{"actor": "maria", "reason": "the audit"}],
    }
    console.answers("GET", "images/prod/us-east-1/ami-1/use/", Answer(used))
    told = run("images", "used", "ami-1", "--env", "prod", "--region", "us-east-1")
    assert told.out.splitlines() == [
        "group\tapi-prod-v012\tprod\tus-east-1\tserves, 3 instances",
        "instance\ti-1\tprod\tus-east-1\tis of api-prod-v013, which launches another",
        "instance\ti-2\tprod\tus-east-1\tis in no group",
        "launch template\tapi\tprod\tus-east-1\tnames it in version 7, its default or latest",
    ]
    assert "ago, by group api-prod-v012 in prod us-east-1." in told.err
    assert "The same bake elsewhere: ami-2 in prod eu-west-1." in told.err
    assert "maria keeps it from the janitor: the audit" in told.err
