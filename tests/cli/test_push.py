"""`push`, `rollback`, `cancel`: what is asked of the console, and what its refusals look like."""

import json

import pytest

from tests.cli.conftest import Answer, Pretended, Shell, deployment

CLUSTERS = "clusters/?name=api-prod"
ONE = {"results": [{"name": "api-prod", "environment": "prod", "region": "us-east-1"}], "next": None}
TWO = {
    "results": [
        {"name": "api-prod", "environment": "prod", "region": "us-east-1"},
        {"name": "api-prod", "environment": "prod", "region": "eu-west-1"},
    ],
    "next": None,
}
ACCEPTED = Answer(deployment("queued"), 202)


def test_a_push_asks_for_what_the_command_says(console: Pretended, run: Shell) -> None:
    console.answers("POST", "deployments/", ACCEPTED)

    done = run(
        "push", "api-prod", "--image", "ami-1", "--env", "prod", "--region", "us-east-1", "--reason", "fix",
        "--option", "soak-seconds=60", "--option", "undo_when_unhealthy=false", "--option", "old_group=hours",
    )  # fmt: skip

    assert done.status == 0
    assert "watch 87" in done.out
    assert console.posted() == [
        {
            "environment": "prod",
            "region": "us-east-1",
            "cluster": "api-prod",
            "image": "ami-1",
            "strategy": "red-black",
            "options": {"soak_seconds": 60, "undo_when_unhealthy": False, "old_group": "hours"},
            "reason": "fix",
            "overrides": [],
            "queue": False,
            "on_failure": "undo",
            "dry_run": False,
        }
    ]
    assert console.asked[0].headers["Authorization"] == "Bearer dc_secret"


def test_a_unique_name_needs_no_environment_and_no_region(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", ACCEPTED)

    assert run("push", "api-prod", "--image", "ami-1").status == 0
    [body] = console.posted()
    assert isinstance(body, dict)
    assert (body["environment"], body["region"]) == ("prod", "us-east-1")


def test_a_name_that_several_clusters_have_is_a_usage_error_that_lists_them(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(TWO))

    done = run("push", "api-prod", "--image", "ami-1")

    assert done.status == 2
    assert "--env prod --region eu-west-1" in done.err
    assert console.posted() == []


def test_an_unknown_cluster_is_refused_and_nothing_is_asked(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer({"results": [], "next": None}))

    done = run("push", "api-prod", "--image", "ami-1")

    assert done.status == 3
    assert "api-prod" in done.err
    assert console.posted() == []


def test_a_busy_cluster_is_refused_with_its_owners_name(console: Pretended, run: Shell) -> None:
    problem = {"title": "Busy", "detail": "api-prod is being changed.", "owner": "alice", "run": 86, "status": 409}
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", Answer(problem, 409))

    done = run("push", "api-prod", "--image", "ami-1")

    assert done.status == 3
    assert "alice (run 86)" in done.err


def test_field_errors_are_listed_one_a_line(console: Pretended, run: Shell) -> None:
    problem = {
        "title": "Bad Request",
        "detail": "2 things are wrong.",
        "errors": [{"field": "image", "detail": "There is no ami-1."}, {"field": "options/x", "detail": "Unknown."}],
    }
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", Answer(problem, 400))

    done = run("push", "api-prod", "--image", "ami-1")

    assert done.status == 3
    assert done.err.splitlines() == ["Bad Request", "  image: There is no ami-1.", "  options/x: Unknown."]


def test_with_json_a_refusal_is_the_problem_itself(console: Pretended, run: Shell) -> None:
    problem = {"title": "Refused", "detail": "No.", "status": 422, "findings": [{"level": "refuse", "text": "Why."}]}
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", Answer(problem, 422))

    done = run("push", "api-prod", "--image", "ami-1", "--json")

    assert done.status == 3
    assert json.loads(done.out) == problem


def test_what_is_lost_on_the_way_is_sent_again_under_the_same_key(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(ONE))
    in_use = {"type": "urn:deployconsole:problem:idempotency-key-in-use", "title": "In use", "status": 409}
    lost = [Answer(None, hang_up=True), Answer({"title": "Unavailable"}, 503), Answer(in_use, 409)]
    console.answers("POST", "deployments/", *lost, ACCEPTED)

    assert run("push", "api-prod", "--image", "ami-1").status == 0
    keys = [asked.headers["Idempotency-Key"] for asked in console.asked if asked.method == "POST"]
    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_two_pushes_have_two_keys(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", ACCEPTED)
    run("push", "api-prod", "--image", "ami-1")
    run("push", "api-prod", "--image", "ami-1")
    assert len({asked.headers["Idempotency-Key"] for asked in console.asked if asked.method == "POST"}) == 2


@pytest.mark.parametrize(("level", "code"), [("warn", 0), ("refuse", 3)])
def test_a_dry_run_shows_the_plan_and_changes_nothing(console: Pretended, run: Shell, level: str, code: int) -> None:
    preview = {
        "sentence": "Push 4.2.0 to api-prod, 6 → 7 instances",
        "steps": [{"title": "Create api-prod-v013", "changes": ["CreateAutoScalingGroup api-prod-v013"]}],
        "findings": [{"level": level, "text": "User data names api-prod-v012."}],
    }
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", Answer(preview))

    done = run("push", "api-prod", "--image", "ami-1", "--dry-run")

    assert done.status == code
    assert "1. Create api-prod-v013" in done.out
    assert "User data names api-prod-v012." in done.out
    [body] = console.posted()
    assert isinstance(body, dict)
    assert body["dry_run"] is True


def test_an_option_that_is_no_pair_is_a_usage_error(console: Pretended, run: Shell) -> None:
    assert run("push", "api-prod", "--image", "ami-1", "--option", "soak").status == 2
    assert console.asked == []


def test_a_rollback_of_a_cluster_leaves_it_to_the_console_which_push_is_meant(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(ONE))
    accepted = Answer(deployment("queued", id=88, kind="rollback"), 202)
    console.answers("POST", "clusters/prod/us-east-1/api-prod/rollback/", accepted)

    done = run("rollback", "api-prod", "--reason", "errors")

    assert done.status == 0
    assert "rollback 88" in done.out
    assert console.posted() == [{"reason": "errors", "overrides": [], "queue": False, "dry_run": False}]


def test_a_rollback_needs_one_thing_to_roll_back(console: Pretended, run: Shell) -> None:
    assert run("rollback").status == 2
    assert run("rollback", "api-prod", "--deployment", "87").status == 2
    assert console.asked == []


def test_a_cancel_and_a_resume_name_their_deployment(console: Pretended, run: Shell) -> None:
    console.answers("POST", "deployments/87/cancel/", Answer(deployment("undoing"), 202))
    console.answers("POST", "deployments/87/resume/", Answer(deployment("running"), 202))

    assert run("cancel", "87").status == 0
    assert run("resume", "87", "--reason", "looked at it").status == 0
    assert console.posted() == [{"reason": "", "dry_run": False}, {"reason": "looked at it"}]


def test_a_refusal_names_the_option_that_overrides_it(console: Pretended, run: Shell) -> None:
    finding = {"level": "refuse", "code": "freeze", "text": "Prod is frozen.", "overridable": True}
    final = {"level": "refuse", "code": "gone", "text": "It is gone.", "overridable": False}
    problem = {"title": "Refused", "detail": "Prod is frozen.", "status": 422, "findings": [finding, final]}
    console.answers("GET", CLUSTERS, Answer(ONE))
    console.answers("POST", "deployments/", Answer(problem, 422), ACCEPTED)

    refused = run("push", "api-prod", "--image", "ami-1")
    assert refused.err.splitlines()[1:] == [
        "  Prod is frozen. (--override freeze --reason …)",
        "  It is gone.",
    ]

    assert run("push", "api-prod", "--image", "ami-1", "--override", "freeze", "--override", "x").status == 0
    body = console.posted()[-1]
    assert isinstance(body, dict)
    assert body["overrides"] == ["freeze", "x"]


def test_a_push_waits_for_its_turn_when_asked_to(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(ONE))
    waits = "Waiting until push 86 of alice has ended."
    console.answers("POST", "deployments/", Answer(deployment("queued", waiting_for=waits), 202))
    done = run("push", "api-prod", "--image", "ami-1", "--queue", "--on-failure", "ask")
    assert done.out == f"Accepted: push 87. {waits} Follow it: deployconsole watch 87\n"
    body = console.posted()[-1]
    assert isinstance(body, dict)
    assert (body["queue"], body["on_failure"]) == (True, "ask")


def test_a_push_that_is_accepted_tells_what_was_warned_of(console: Pretended, run: Shell) -> None:
    console.answers("GET", CLUSTERS, Answer(ONE))
    warned = {"level": "warn", "code": "drift", "text": "m4.large runs, and m5.large would be launched."}
    noted = {"level": "note", "code": "other-groups", "text": "api-prod-v003 stands beside it."}
    console.answers("POST", "deployments/", Answer(deployment("queued", findings=[warned, noted]), 202))
    done = run("push", "api-prod", "--image", "ami-1")
    assert done.err == "  warn: m4.large runs, and m5.large would be launched.\n"
