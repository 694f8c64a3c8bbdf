"""`unlock`: break-glass asks for the cluster's name and a reason."""

import pytest

from tests.cli.conftest import Answer, Pretended, Shell, deployment

PATH = "clusters/prod/us-east-1/api-prod/"
WHERE = ("api-prod", "--env", "prod", "--region", "us-east-1", "--reason", "it hangs")
HELD = {"name": "api-prod", "lock": {"owner": "alice", "name": "push 86", "stuck": "Push 86 asks for a person."}}


def test_it_names_who_holds_it_and_asks_for_the_name(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.answers("GET", PATH, Answer(HELD))
    console.answers("POST", f"{PATH}unlock/", Answer({"deployment": None}))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "api-prod")
    done = run("unlock", *WHERE)
    assert "push 86 of alice holds it. Push 86 asks for a person. Nobody waits for it." in done.err
    assert done.out == "The lock of api-prod is broken; push 86 was stopped as it stood. Nobody waits for it.\n"
    assert console.posted() == [{"confirm": "api-prod", "reason": "it hangs", "force": False}]


def test_a_script_confirms_with_the_name(console: Pretended, run: Shell) -> None:
    console.answers("GET", PATH, Answer(HELD))
    console.answers("POST", f"{PATH}unlock/", Answer({"deployment": None}))
    assert run("unlock", *WHERE, "--confirm", "api-prod", "--force").status == 0
    assert console.posted() == [{"confirm": "api-prod", "reason": "it hangs", "force": True}]


def test_a_free_cluster_has_no_lock_to_break(console: Pretended, run: Shell) -> None:
    console.answers("GET", PATH, Answer({"name": "api-prod", "lock": None}))
    assert run("unlock", *WHERE).status == 3
    assert console.posted() == []


def test_a_dry_run_tells_who_comes_next_and_breaks_nothing(console: Pretended, run: Shell) -> None:
    waiting = [deployment("queued", id=number, actor="bob") for number in (88, 89)]
    console.answers("GET", PATH, Answer({**HELD, "queue": waiting}))
    done = run("unlock", *WHERE, "--dry-run")
    assert done.out == (
        "push 86 of alice holds it. Push 86 asks for a person. push 88 of bob is next, then 1 more.\n"
        "Nothing was changed: this was a dry run.\n"
    )
    assert console.posted() == []
