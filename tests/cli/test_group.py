"""`group`: operations on one Auto Scaling group."""

from tests.cli.conftest import Answer, Pretended, Shell

PATH = "groups/prod/us-east-1/api-prod-v001/changes/"
WHERE = ("api-prod-v001", "resize", "--env", "prod", "--region", "us-east-1")
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
