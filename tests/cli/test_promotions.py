"""`images promote` and `promotions`: what is asked of the console, and how it is told."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answer, Pretended, Shell

EVIDENCE = {
    "build": {"says": "api 4.3.0 (build 7)", "gates": [{"name": "unit", "outcome": "passed"}]},
    "manifest": {"packages": 212, "files": 31},
    "serves": [],
}


def promotion(state: str = "running", **members: object) -> dict[str, object]:
    """A promotion as `promotions/{id}/` tells it."""
    return {
        "id": 3,
        "standing": "granting",
        "state": state,
        "waiting_for": "",
        "application": "api",
        "version": "4.3.0",
        "image": "ami-9",
        "images": [{"region": "us-east-1", "image_id": "ami-9", "snapshots": []}],
        "source": "test",
        "target": "prod",
        "actor": "maria",
        "reason": "it is good",
        "joined": False,
        "outcome": "",
        "next_hint": "",
        "ended_at": None,
        "evidence": EVIDENCE,
        "steps": [],
        **members,
    }


def test_a_promotion_is_asked_for_as_it_was_typed(console: Pretended, run: Shell) -> None:
    there = promotion("succeeded", joined=True, ended_at="2026-11-27T10:02:00Z")
    console.answers("POST", "promotions/", Answer(promotion("queued"), 202), Answer(there))
    done = run("images", "promote", "ami-9", "--to", "prod", "--reason", "it is good")
    assert done.status == 0
    assert done.out == "Accepted: promotion 3. Follow it: deployconsole promotions show 3 --watch\n"
    asked = {"image": "ami-9", "target": "prod", "reason": "it is good", "dry_run": False}
    assert console.posted() == [asked]
    again = run("images", "promote", "ami-9", "--to", "prod")
    assert again.out == "prod may launch it already, by promotion 3.\n"


@pytest.mark.parametrize(("possible", "status"), [(True, 0), (False, 3)])
def test_a_dry_run_shows_what_would_be_granted_and_what_is_in_the_way(
    console: Pretended, run: Shell, possible: bool, status: int
) -> None:
    finding = {"level": "refuse", "code": "default-key", "text": "It cannot be shared.", "region": "us-east-1"}
    shown = {
        "sentence": "Promote api 4.3.0",
        "possible": possible,
        "findings": [] if possible else [finding],
        "steps": [{"title": "Let prod launch ami-9", "changes": ["prod may launch ami-9."]}],
        "evidence": EVIDENCE,
    }
    console.answers("POST", "promotions/", Answer(shown))
    done = run("images", "promote", "ami-9", "--to", "prod", "--dry-run")
    assert done.status == status
    assert "  1. Let prod launch ami-9\n       prod may launch ami-9.\n" in done.out
    assert ("  refuse: It cannot be shared.\n" in done.out) is not possible
    assert "  build: api 4.3.0 (build 7) (unit passed)\n  inside: 212 packages, 31 files\n" in done.out


@pytest.mark.parametrize(("state", "code"), [("succeeded", 0), ("undone", 4)])
def test_watched_the_exit_code_tells_the_end(console: Pretended, run: Shell, state: str, code: int) -> None:
    console.answers("POST", "promotions/", Answer(promotion("queued"), 202))
    console.answers("GET", "promotions/3/", Answer(promotion()), Answer(promotion(state, outcome="It is so.")))
    assert run("images", "promote", "ami-9", "--to", "prod", "--watch").status == code


def test_promotions_are_listed_and_shown(console: Pretended, run: Shell) -> None:
    granted = promotion("succeeded", standing="granted", outcome="prod may launch ami-9 in us-east-1.")
    console.answers(
        "GET",
        "promotions/?application=api&environment=test&target=prod&actor=ann&standing=granted&state=succeeded&live=true",
        Answer({"results": [granted], "next": None, "previous": None}),
    )
    filters = (
        "--env",
        "test",
        "--to",
        "prod",
        "--by",
        "ann",
        "--standing",
        "granted",
        "--state",
        "succeeded",
        "--live",
    )
    listed = run("promotions", "list", "api", *filters)
    assert listed.status == 0
    assert "granted" in listed.out
    console.answers("GET", "promotions/3/", Answer(granted))
    shown = run("promotions", "show", "3")
    assert shown.out.startswith("Promotion 3 of api 4.3.0 ami-9, test → prod: granted, by maria\n")
    assert "  us-east-1  ami-9\n" in shown.out


def test_one_is_taken_back_and_what_uses_it_is_told_before(console: Pretended, run: Shell) -> None:
    used = {"sentence": "Let prod no longer launch api", "used_by": ["group api-prod-v012 in us-east-1"], "steps": []}
    console.answers("POST", "promotions/3/revoke/", Answer(used), Answer(used), Answer(promotion("queued"), 202))
    dry = run("promotions", "revoke", "3", "--dry-run")
    assert dry.status == 3
    assert "  used by group api-prod-v012 in us-east-1\n" in dry.out
    assert "unless with --although-used and --reason" in dry.out
    assert run("promotions", "revoke", "3", "--dry-run", "--although-used", "--reason", "a hole").status == 0
    done = run("promotions", "revoke", "3", "--although-used", "--reason", "a hole")
    assert done.status == 0
    assert console.posted()[-1] == {"reason": "a hole", "although_used": True, "dry_run": False}


@pytest.mark.parametrize("act", ["cancel", "resume"])
def test_one_under_way_is_cancelled_or_tried_again(console: Pretended, run: Shell, act: str) -> None:
    console.answers("POST", f"promotions/3/{act}/", Answer(promotion("undoing"), 202))
    done = run("promotions", act, "3", "--reason", "the wrong one")
    assert done.out == "Accepted: promotion 3. Follow it: deployconsole promotions show 3 --watch\n"
    assert console.posted() == [{"reason": "the wrong one"}]
