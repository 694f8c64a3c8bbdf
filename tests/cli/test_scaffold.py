"""Creating an application with what it needs in each environment, and removing that."""

from __future__ import annotations

import io

import pytest

from tests.cli.conftest import Answer, Pretended, Shell, deployment

BELOW = "applications/hello/scaffold/"
PLAN = {
    "sentence": "Scaffold hello-world in test us-east-1",
    "steps": [{"title": "Make the target group hello-world", "changes": ["CreateTargetGroup: hello-world"]}],
    "findings": [],
}
REFUSAL = {"level": "refuse", "code": "name-taken", "text": "There is one already.", "overridable": False}


def test_it_is_entered_and_asked_for_in_each_environment(console: Pretended, run: Shell) -> None:
    console.answers("GET", "applications/", Answer({"results": [], "next": None}))
    console.answers("POST", "applications/", Answer({"name": "hello"}, 201))
    accepted = Answer(deployment(kind="scaffold"), 202)
    console.answers("POST", BELOW, Answer(PLAN), Answer(PLAN), accepted)
    shop = ("--health-check-url", "/health_check", "--port", "80", "--protocol", "HTTP")
    ended = run(
        "apps", "create", "hello-world", *shop, "--env", "test", "--env", "prod", "--min", "2", "--image", "ami-1"
    )
    assert "Application hello is known now." in ended.out
    assert ended.out.count("Accepted: scaffold 87.") == 2
    *_, entered, first, second = console.posted()
    assert isinstance(entered, dict)
    assert (entered["name"], entered["health_check_path"]) == ("hello", "/health_check")
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["options"] == {
        "health_check_path": "/health_check",
        "port": 80,
        "protocol": "HTTP",
        "min": 2,
        "image": "ami-1",
    }
    assert [(each["environment"], each["cluster"]) for each in (first, second)] == [
        ("test", "hello-world"),
        ("prod", "hello-world"),
    ]


def test_a_dry_run_shows_the_plan_enters_nothing_and_says_whether_it_is_refused(console: Pretended, run: Shell) -> None:
    console.answers("POST", BELOW, Answer(PLAN), Answer({**PLAN, "findings": [REFUSAL]}))
    ended = run("apps", "create", "hello-world", "--env", "test", "--dry-run")
    assert (ended.status, "CreateTargetGroup: hello-world" in ended.out) == (0, True)
    assert "Nothing was changed: this was a dry run." in ended.out
    refused = run("apps", "create", "hello-world", "--env", "test", "--dry-run")
    assert (refused.status, "refuse: There is one already." in refused.out) == (3, True)
    assert [asked.path for asked in console.asked if asked.path.endswith("applications/")] == []


def test_without_an_environment_what_is_made_there_is_a_usage_error(console: Pretended, run: Shell) -> None:
    ended = run("apps", "create", "hello", "--port", "80")
    assert (ended.status, "Say where, with --env" in ended.err) == (2, True)
    assert console.asked == []


def test_what_is_refused_enters_nothing_and_a_missing_region_is_asked_for(console: Pretended, run: Shell) -> None:
    """Neither has changed anything, so both say so by their exit codes."""
    region = {"field": "region", "detail": "test has several regions: name one of us-east-1, eu-west-1."}
    console.answers("GET", "applications/", Answer({"results": [], "next": None}))
    unclear = Answer({"title": "Invalid", "errors": [region]}, 422)
    console.answers("POST", BELOW, unclear, Answer({**PLAN, "findings": [REFUSAL]}))
    create = ("apps", "create", "hello-world", "--env", "test")
    asked = run(*create)
    assert (asked.status, " ".join(asked.err.split())) == (2, f"{region['detail']} Give it with --region.")
    refused = run(*create, "--region", "us-east-1")
    assert (refused.status, "There is one already." in refused.err) == (3, True)
    assert [each.path for each in console.asked if each.method == "POST"] == [f"/api/v1/{BELOW}"] * 2
    assert all(isinstance(body, dict) and body["dry_run"] for body in console.posted())


def test_it_is_removed_again_once_its_name_is_typed(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Answer({**PLAN, "sentence": "Remove what was scaffolded"})
    console.answers("POST", f"{BELOW}remove/", plan, plan, plan, Answer(deployment(kind="removal"), 202))
    remove = ("apps", "remove", "hello-world", "--env", "test", "--reason", "no longer")
    for typed, status in (("", 130), ("hello\n", 3), ("hello-world\n", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        ended = run(*remove)
        assert (ended.status, "Remove what was scaffolded" in ended.out) == (status, True), ended
        if status:
            assert all(isinstance(body, dict) and body["dry_run"] for body in console.posted())
    assert "Accepted: removal 87." in ended.out
    over = run(*remove, "--confirm", "hello-world", "--override", "guard-last-serving")
    assert over.status == 0
    assert console.posted()[-1] == {
        "environment": "test",
        "region": "",
        "cluster": "hello-world",
        "reason": "no longer",
        "overrides": ["guard-last-serving"],
        "dry_run": False,
    }
