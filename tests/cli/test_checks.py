"""`builds check` and `checks show`: what is asked of the console, and what the exit codes tell."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answer, Pretended, Shell

CHECK = {
    "id": 12,
    "state": "succeeded",
    "outcome": "passed",
    "says": "Installed; its check succeeded.",
    "package": "web",
    "version": "1.2.0",
    "installed": {"python:web": "1.2.0"},
    "log": "Successfully installed web-1.2.0",
    "steps": [],
}


def test_a_check_is_asked_for(console: Pretended, run: Shell) -> None:
    console.answers("POST", "builds/5/check/", Answer({**CHECK, "outcome": "", "state": "queued"}, 202))
    done = run("builds", "check", "5", "--reason", "before the bake")
    assert done.out == "Accepted: check 12. Follow it: deployconsole checks show 12 --watch\n"
    assert console.asked[-1].body == {"reason": "before the bake"}


@pytest.mark.parametrize(("outcome", "status"), [("passed", 0), ("failed", 1), ("skipped", 3)])
def test_the_exit_code_tells_what_it_found(outcome: str, status: int, console: Pretended, run: Shell) -> None:
    console.answers("POST", "builds/5/check/", Answer(CHECK, 202))
    console.answers("GET", "package-checks/12/", Answer({**CHECK, "outcome": outcome}))
    done = run("builds", "check", "5", "--watch")
    assert done.status == status
    assert "Installed; its check succeeded." in done.out


def test_one_is_shown_with_what_was_installed_and_printed(console: Pretended, run: Shell) -> None:
    console.answers("GET", "package-checks/12/", Answer(CHECK))
    assert run("checks", "show", "12").out.splitlines() == [
        "Check 12 of web 1.2.0: passed",
        "Installed; its check succeeded.",
        "  python:web  1.2.0",
        "Successfully installed web-1.2.0",
    ]


def test_one_that_is_not_offered_says_so_and_why(console: Pretended, run: Shell) -> None:
    why = "Not offered here. There is no podman or docker here."
    skipped = {"outcome": "skipped", "says": why, "installed": {}, "log": ""}
    console.answers("GET", "package-checks/12/", Answer({**CHECK, **skipped}))
    assert run("checks", "show", "12").out.splitlines() == ["Check 12 of web 1.2.0: not offered", why]
