"""`bake`, `bakes`, `recipe` and `base-images`: what is asked of the console, and how it is told."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answer, Pretended, Shell

STEP = {
    "title": "Launch a builder from debian-12 (ami-1)",
    "state": "done",
    "says": "i-0b1",
    "started_at": "2026-11-27T10:00:00Z",
    "ended_at": "2026-11-27T10:00:02Z",
    "undo_title": "",
}
MADE = [{"region": "us-east-1", "image_id": "ami-9", "deleted_at": None}]
BASE = {
    "id": 3,
    "name": "debian-12",
    "version": "12.1",
    "image_id": "ami-1",
    "architecture": "x86_64",
    "environment": "prod",
    "region": "us-east-1",
    "approved_by": "ada",
    "withdrawn_by": "",
    "withdrawn_at": None,
}


def baked(state: str = "running", **members: object) -> dict[str, object]:
    """A bake as `bakes/{id}/` tells it."""
    return {
        "id": 12,
        "state": state,
        "application": "api",
        "package": "api",
        "version": "4.3.0",
        "environment": "test",
        "region": "us-east-1",
        "base_image": "ami-1",
        "images": [],
        "actor": "maria",
        "reason": "fix login",
        "joined": False,
        "waiting_for": "",
        "outcome": "",
        "next_hint": "",
        "ended_at": None,
        "steps": [],
        **members,
    }


def test_a_bake_is_asked_for_as_it_was_typed(console: Pretended, run: Shell) -> None:
    console.answers("POST", "bakes/", Answer(baked("queued"), 202))
    done = run("bake", "api", "4.3.0", "--build", "7", "--rebake", "--reason", "fix login")
    assert done.status == 0
    assert done.out == "Accepted: bake 12. Follow it: deployconsole bakes show 12 --watch\n"
    assert console.posted() == [
        {
            "application": "api",
            "version": "4.3.0",
            "package": "",
            "build": 7,
            "rebake": True,
            "reason": "fix login",
            "dry_run": False,
        }
    ]


def test_an_image_that_is_there_already_is_told(console: Pretended, run: Shell) -> None:
    there = baked("succeeded", joined=True, images=MADE, ended_at="2026-11-27T10:02:00Z")
    console.answers("POST", "bakes/", Answer(there), Answer(baked("running", joined=True)))
    assert run("bake", "api", "4.3.0").out == "There already, made by bake 12: ami-9 in us-east-1\n"
    assert run("bake", "api", "4.3.0").out.startswith("Being made already: bake 12.")


@pytest.mark.parametrize(("state", "code"), [("succeeded", 0), ("failed", 1), ("undone", 4), ("cancelled", 8)])
def test_watched_its_steps_are_told_and_the_exit_code_tells_the_end(
    console: Pretended, run: Shell, state: str, code: int
) -> None:
    console.answers("POST", "bakes/", Answer(baked("queued"), 202))
    going = baked("running", steps=[{**STEP, "state": "running", "ended_at": None, "says": "being launched"}])
    over = baked(state, steps=[STEP], outcome="ami-9 was made in us-east-1, in 1 min.", next_hint="Push it.")
    console.answers("GET", "bakes/12/", Answer(going), Answer(over))
    done = run("bake", "api", "4.3.0", "--watch")
    assert done.status == code
    lines = done.out.splitlines()
    assert lines[0] == "api 4.3.0 · test · us-east-1 · upon ami-1 · bake 12"
    assert "  ✓ Launch a builder from debian-12 (ami-1): i-0b1  2.0 s" in lines
    assert lines[-2:] == ["  ami-9 was made in us-east-1, in 1 min.", "  Push it."]


def test_a_dry_run_shows_the_plan_and_is_refused_where_something_stands_against_it(
    console: Pretended, run: Shell
) -> None:
    told = {
        "sentence": "Bake api 4.3.0",
        "findings": [],
        "notes": ["CI reported no build."],
        "steps": [{"title": "Launch a builder", "changes": ["One."]}],
    }
    against = {**told, "steps": [], "findings": ["Give it a recipe first."]}
    console.answers("POST", "bakes/", Answer(told), Answer(against))
    done = run("bake", "api", "4.3.0", "--dry-run")
    assert done.status == 0
    assert done.out.splitlines() == [
        "Bake api 4.3.0",
        "  1. Launch a builder",
        "       One.",
        "  warn: CI reported no build.",
        "Nothing was made: this was a dry run.",
    ]
    refused = run("bake", "api", "4.3.0", "--dry-run")
    assert refused.status == 3
    assert "  refuse: Give it a recipe first." in refused.out.splitlines()


def test_bakes_are_listed_and_one_is_shown(console: Pretended, run: Shell) -> None:
    console.answers("GET", "bakes/?application=api&state=active", Answer({"results": [baked()], "next": None}))
    listed = run("bakes", "list", "api", "--state", "active").out.rstrip("\n").split("\t")
    assert listed == ["12", "", "api", "4.3.0", "running", "test", "us-east-1", "", "maria", "fix login"]
    over = baked("succeeded", images=MADE, outcome="ami-9 was made.", next_hint="Push it.")
    console.answers("GET", "bakes/12/", Answer(over))
    assert run("bakes", "show", "12").out.splitlines() == [
        "Bake 12 of api 4.3.0, succeeded",
        "ami-9 was made.",
        "Push it.",
        "  us-east-1  ami-9",
    ]
    assert run("bakes", "show", "12", "--watch", "--json").status == 0


def test_one_is_cancelled_and_its_log_is_printed(console: Pretended, run: Shell) -> None:
    console.answers("POST", "bakes/12/cancel/", Answer(baked("undoing"), 202))
    assert run("bakes", "cancel", "12", "--reason", "the wrong one").status == 0
    assert console.posted() == [{"reason": "the wrong one"}]
    console.answers("GET", "bakes/12/log/", Answer({"id": 12, "log": "one\ntwo", "log_cut": 512}))
    done = run("bakes", "log", "12")
    assert (done.out, done.err) == ("one\ntwo\n", "512 bytes before this were lost.\n")


def test_what_is_inside_is_printed(console: Pretended, run: Shell) -> None:
    inside = {"packages": {"python:till": "3.2", "deb:jq": "1.7"}, "files": {"/etc/shop.conf": "ab"}, "lost": 2}
    console.answers("GET", "bakes/12/manifest/", Answer(inside))
    done = run("bakes", "manifest", "12")
    assert done.out.splitlines() == ["deb:jq\t1.7", "python:till\t3.2", "/etc/shop.conf\tab"]
    assert done.err == "2 pieces of the list were lost.\n"


def test_one_that_needs_a_person_tries_again(console: Pretended, run: Shell) -> None:
    console.answers("POST", "bakes/12/resume/", Answer(baked("running"), 202))
    done = run("bakes", "resume", "12", "--reason", "it may now")
    assert (done.status, console.posted()) == (0, [{"reason": "it may now"}])
    assert done.out.startswith("Accepted: bake 12.")


def test_a_recipe_is_shown_and_only_what_is_given_is_set(console: Pretended, run: Shell) -> None:
    told = {
        "url": "https://x/",
        "application": "api",
        "copies": ["eu-west-1"],
        "options": {"installer": "uv"},
        "bucket": "",
        "ticket_url": "https://tickets.example.com/{ticket}",
    }
    console.answers("GET", "applications/api/recipe/", Answer(told))
    assert run("recipe", "show", "api").out.splitlines() == [
        "application\tapi",
        "copies\teu-west-1",
        "options\tinstaller=uv",
        "ticket_url\thttps://tickets.example.com/{ticket}",
    ]
    console.answers("PATCH", "applications/api/recipe/", Answer(told))
    assert run(
        "recipe", "set", "api", "--copy", "eu-west-1", "--copy", "eu-central-1", "--gate", "", "--option",
        "installer=uv", "--timeout-seconds", "600",
    ).status == 0  # fmt: skip
    assert console.asked[-1].body == {
        "copies": ["eu-west-1", "eu-central-1"],
        "gates": [],
        "options": {"installer": "uv"},
        "timeout_seconds": 600,
    }
    nothing = run("recipe", "set", "api", "--reason", "x")
    assert nothing.status == 2
    assert "Say what shall change" in nothing.err


def test_base_images_are_listed_approved_and_withdrawn(console: Pretended, run: Shell) -> None:
    console.answers("GET", "base-images/?standing=true", Answer({"results": [BASE], "next": None}))
    assert run("base-images", "list").out == ("3\tdebian-12\t12.1\tami-1\tx86_64\tprod\tus-east-1\tapproved\tada\n")
    gone = {**BASE, "withdrawn_at": "2026-11-27T10:00:00Z", "withdrawn_by": "jo"}
    console.answers("GET", "base-images/?environment=prod", Answer({"results": [gone], "next": None}))
    assert "withdrawn\tjo" in run("base-images", "list", "--all", "--env", "prod").out
    console.answers("POST", "base-images/", Answer(BASE, 201))
    done = run("base-images", "approve", "debian-12", "ami-1", "--env", "prod", "--region", "us-east-1")
    assert done.out == "Base image 3: ami-1 may be baked upon as debian-12.\n"
    console.answers("POST", "base-images/3/withdraw/", Answer(gone))
    assert run("base-images", "withdraw", "3", "--reason", "old").out.startswith("Nothing is baked upon ami-1")
    assert [each.body for each in console.asked if each.method == "POST"] == [
        {
            "environment": "prod",
            "region": "us-east-1",
            "name": "debian-12",
            "image_id": "ami-1",
            "version": "",
            "reason": "",
        },
        {"reason": "old"},
    ]
