"""`group`: operations on one Auto Scaling group."""

import json

from tests.cli.conftest import Answer, Pretended, Shell

PATH = "groups/prod/us-east-1/api-prod-v001/changes/"
PLACE = ("--env", "prod", "--region", "us-east-1")
WHERE = ("api-prod-v001", "resize", *PLACE)
ACCEPTED = {"id": 7, "kind": "change", "state": "queued", "findings": []}
PREVIEW = {
    "sentence": "Resize api-prod-v001: desired 2 → 3",
    "steps": [{"title": "Resize", "changes": ["UpdateAutoScalingGroup"]}],
    "findings": [{"level": "refuse", "code": "serves", "text": "It serves."}],
}


def test_it_asks_for_what_is_named_and_says_how_to_follow_it(console: Pretended, run: Shell) -> None:
    console.answers("POST", PATH, Answer(ACCEPTED, 202))
    ended = run("group", *WHERE, "--option", "desired=3", "--reason", "load", "--queue")
    assert (ended.status, ended.out.strip()) == (0, "Accepted: change 7. Follow it: deployconsole watch 7")
    assert console.posted() == [
        {
            "operation": "resize",
            "options": {"desired": 3},
            "reason": "load",
            "overrides": [],
            "queue": True,
            "on_failure": "undo",
            "dry_run": False,
        }
    ]


def test_a_dry_run_shows_the_steps_and_exits_as_refused(console: Pretended, run: Shell) -> None:
    console.answers("POST", PATH, Answer(PREVIEW))
    ended = run("group", *WHERE, "--option", "desired=3", "--dry-run")
    assert ended.status == 3
    assert "Resize api-prod-v001: desired 2 → 3" in ended.out
    assert "Nothing was changed" in ended.out


def test_a_group_is_found_by_its_name_alone(console: Pretended, run: Shell) -> None:
    found = [{"name": "api-prod-v001", "environment": "prod", "region": "us-east-1"}]
    console.answers("GET", "groups/?q=api-prod-v001", Answer({"results": found, "next": None}))
    console.answers("POST", PATH, Answer(ACCEPTED, 202))
    assert run("group", "api-prod-v001", "resize", "--option", "desired=3").status == 0


def operation(slug: str, title: str, **members: object) -> dict[str, object]:
    return {"slug": slug, "title": title, "current": {}, "possible": True, "why_not": "", **members}


def test_the_operations_are_listed_with_what_is_set_now(console: Pretended, run: Shell) -> None:
    listed = [operation("delete-group", "Delete the group"), operation("resize", "Resize", current={"desired": "2"})]
    console.answers("GET", "groups/prod/us-east-1/api-prod-v001/operations/", Answer(listed))
    ended = run("group", "api-prod-v001", "operations", *PLACE)
    assert ended.status == 0
    assert ended.out.splitlines() == ["delete-group\tyes\tDelete the group\t", "resize\tyes\tResize\tdesired=2"]
    assert json.loads(run("group", "api-prod-v001", "operations", *PLACE, "--json").out) == listed


def test_the_operations_say_once_why_none_can_be_done_now(console: Pretended, run: Shell) -> None:
    busy = {"possible": False, "why_not": "It is being changed by maria."}
    listed = [operation("delete-group", "Delete the group", **busy), operation("resize", "Resize", **busy)]
    console.answers("GET", "groups/prod/us-east-1/api-prod-v001/operations/", Answer(listed))
    ended = run("group", "api-prod-v001", "operations", *PLACE)
    assert [line.split("\t")[1] for line in ended.out.splitlines()] == ["no", "no"]
    assert ended.err.splitlines() == ["It is being changed by maria."]


def test_what_is_set_of_one_policy_is_asked_for_by_its_name(console: Pretended, run: Shell) -> None:
    told = [operation("switch-policy", "Switch a policy", current={"enabled": "yes"})]
    console.answers("GET", "groups/prod/us-east-1/api-prod-v001/operations/?policy=007", Answer(told))
    ended = run("group", "api-prod-v001", "operations", *PLACE, "--option", "policy=007")
    assert "enabled=yes" in ended.out
    refused = run("group", "api-prod-v001", "operations", *PLACE, "--option", "desired=3")
    assert (refused.status, refused.err.strip()) == (
        2,
        "operations takes no --option but policy=NAME and schedule=NAME.",
    )
