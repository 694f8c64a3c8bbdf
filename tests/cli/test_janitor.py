"""`janitor`: what is asked of the console, and how marks, dry runs and rules look."""

from tests.cli.conftest import Answer, Pretended, Shell

MARK = {
    "id": 3,
    "kind": "image",
    "resource": "ami-1",
    "called": "api 1.0.0",
    "environment": "test",
    "region": "us-east-1",
    "state": "notified",
    "due_at": "2026-12-24T18:00:00Z",
    "because": "Nothing uses it.",
    "says": "",
}
THING = {"kind": "image", "resource": "ami-1", "called": "api", "region": "us-east-1", "goes": True,
         "because": "Nothing uses it.", "stays": ""}  # fmt: skip


def test_marks_that_have_not_ended_are_listed(console: Pretended, run: Shell) -> None:
    console.answers("GET", "janitor/marks/?live=true", Answer({"results": [MARK], "next": None}))
    line = "3\timage\tami-1\tapi 1.0.0\ttest\tus-east-1\tnotified\t2026-12-24\tNothing uses it."
    assert run("janitor", "marks").out.splitlines() == [line]


def test_a_dry_run_shows_what_would_go_and_that_it_is_switched_off(console: Pretended, run: Shell) -> None:
    stays = {**THING, "resource": "ami-2", "goes": False, "stays": "maria keeps it."}
    answer = {"active": False, "held": "", "things": [THING, stays]}
    console.answers("GET", "janitor/rules/test/dry-run/", Answer(answer))
    done = run("janitor", "dry-run", "test")
    assert done.out.splitlines() == ["image\tami-1\tapi\tus-east-1\tyes\tNothing uses it."]
    assert "switched off" in done.err
    assert "maria keeps it." in run("janitor", "dry-run", "test", "--all").out


def test_rules_are_shown_and_changed(console: Pretended, run: Shell) -> None:
    rules = {"url": "x", "environment": "test", "active": True, "unused_days": 60, "changed_by": "ada"}
    console.answers("GET", "janitor/rules/test/", Answer(rules))
    console.answers("PATCH", "janitor/rules/test/", Answer(rules))
    assert run("janitor", "rules", "test").out.splitlines() == ["active\ttrue", "unused_days\t60"]
    assert run("janitor", "rules", "test", "--set", "active=true", "--reason", "the bill").status == 0


def test_something_is_kept_and_let_go(console: Pretended, run: Shell) -> None:
    kept = {"id": 7, "kind": "image", "resource": "ami-1", "note": "No image ami-1 is known."}
    console.answers("POST", "janitor/keeps/", Answer(kept, 201))
    console.answers("GET", "janitor/keeps/", Answer({"results": [kept], "next": None}))
    console.answers("DELETE", "janitor/keeps/7/", Answer({}, 204))
    done = run("janitor", "keep", "image", "ami-1", "--env", "test", "--region", "us-east-1")
    assert (done.out, done.err) == ("Kept: image ami-1 (7).\n", "No image ami-1 is known.\n")
    assert run("janitor", "keeps").out.startswith("7\timage\tami-1")
    assert run("janitor", "unkeep", "7").out == "It is no longer kept.\n"
