"""Creating an application with what it needs in each environment, and removing that."""

from __future__ import annotations

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
    console.answers("POST", BELOW, Answer(deployment(kind="scaffold"), 202))
    shop = ("--health-check-url", "/health_check", "--port", "80", "--protocol", "HTTP")
    ended = run(
        "apps", "create", "hello-world", *shop, "--env", "test", "--env", "prod", "--min", "2", "--image", "ami-1"
    )
    assert "Application hello is known now." in ended.out
    assert ended.out.count("Accepted: scaffold 87.") == 2
    entered, first, second = console.posted()
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


def test_it_is_removed_again(console: Pretended, run: Shell) -> None:
    console.answers("POST", f"{BELOW}remove/", Answer(deployment(kind="removal"), 202))
    ended = run("apps", "remove", "hello-world", "--env", "test", "--reason", "no longer")
    assert "Accepted: removal 87." in ended.out
    assert console.posted() == [
        {"environment": "test", "region": "", "cluster": "hello-world", "reason": "no longer", "dry_run": False}
    ]
