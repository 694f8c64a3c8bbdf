"""`decide`: the choices about a deployment, and carrying one out."""

from tests.cli.conftest import Answer, Pretended, Shell, deployment

CHOICES = [
    {"choice": "retry", "says": "Tries “Wait” again.", "possible": True, "why_not": "", "stays": []},
    {"choice": "stop", "says": "Stops.", "possible": False, "why_not": "It is just finishing.", "stays": []},
]


def test_without_a_choice_it_lists_them_with_what_they_do_or_why_not(console: Pretended, run: Shell) -> None:
    console.answers("GET", "deployments/87/choices/", Answer(CHOICES))
    assert run("decide", "87").out.splitlines() == [
        "retry\tyes\tTries “Wait” again.",
        "stop\tno\tIt is just finishing.",
    ]


def test_a_choice_is_previewed_and_carried_out(console: Pretended, run: Shell) -> None:
    preview = Answer({"sentence": "Try again push 87", "steps": [{"title": "Wait"}], "findings": []})
    console.answers("POST", "deployments/87/decide/", preview, Answer(deployment("running"), 202))
    assert "1. Wait" in run("decide", "87", "retry", "--dry-run").out
    assert run("decide", "87", "retry", "--reason", "again").status == 0
    assert console.posted() == [
        {"choice": "retry", "reason": "", "dry_run": True},
        {"choice": "retry", "reason": "again", "dry_run": False},
    ]


def test_the_guard_is_overridden_for_a_reason(console: Pretended, run: Shell) -> None:
    answer = Answer(deployment("running"), 202)
    console.answers("POST", "deployments/87/override/", answer, answer)
    assert run("override", "87").status == 2
    assert run("override", "87", "--reason", "it is down").status == 0
    assert run("override", "87", "guard-min-healthy", "--reason", "it is down").status == 0
    assert console.posted() == [
        {"overrides": [], "reason": "it is down"},
        {"overrides": ["guard-min-healthy"], "reason": "it is down"},
    ]
