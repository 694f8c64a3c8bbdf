"""`push --watch`, `watch`: what is shown on the way, and how the exit code tells the end."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Pretended, Shell, deployment
from tests.cli.terminal import read_all, shown

STEPS = [
    {
        "title": "Create api-prod-v013",
        "state": "done",
        "says": "7 instances",
        "started_at": "2026-11-20T10:00:00Z",
        "ended_at": "2026-11-20T10:00:01.2Z",
    },
    {"title": "Take traffic", "state": "running", "says": "3 of 6 drained", "started_at": "2026-11-20T10:01:00Z"},
    {"title": "Soak", "state": "pending", "says": "", "started_at": None, "ended_at": None},
]
ENDS = {"succeeded": 0, "failed": 1, "undone": 4, "cancelled": 8}


@pytest.mark.parametrize(("state", "code"), ENDS.items())
def test_the_exit_code_tells_how_it_ended(console: Pretended, run: Shell, state: str, code: int) -> None:
    console.answers(
        "GET", "deployments/87/", Answer(deployment(steps=STEPS)), Answer(deployment(state, outcome="It is over."))
    )

    done = run("watch", "87")

    assert done.status == code
    assert "It is over." in done.out


def test_piped_each_step_is_a_line_and_none_is_repeated(console: Pretended, run: Shell) -> None:
    going = Answer(deployment(steps=STEPS))
    console.answers("GET", "deployments/87/", going, going, going, Answer(deployment("succeeded", steps=STEPS)))

    lines = run("watch", "87").out.splitlines()

    assert lines[0] == "api-prod · prod · us-east-1 · 4.1.9 → 4.2.0 · red-black · push 87"
    assert lines[1] == "  ✓ Create api-prod-v013: 7 instances  1.2 s"
    assert lines[2] == "  … Take traffic: 3 of 6 drained"
    assert len(lines) == 4


def test_an_undo_is_told_in_words_of_the_undo(console: Pretended, run: Shell) -> None:
    begun = {"started_at": "2026-11-20T10:00:00Z", "undo_started_at": "2026-11-20T10:02:00Z"}
    create = {
        **begun,
        "title": "Create web-prod-v032 at size 0",
        "undo_title": "Take web-prod-v032 out of its target groups and delete it",
        "state": "undoing",
        "says": "0 of 3 instances of web-prod-v032 are drained.",
    }
    wait = {**begun, "title": "Wait until 3 of 3 are healthy", "undo_title": "", "state": "undone", "says": ""}
    gone = {**create, "state": "undone", "says": "web-prod-v032 is gone", "ended_at": "2026-11-20T10:02:04Z"}
    going = deployment("undoing", steps=[create, wait])
    console.answers("GET", "deployments/87/", Answer(going), Answer(deployment("undone", steps=[gone, wait])))

    lines = run("watch", "87").out.splitlines()

    title = "Take web-prod-v032 out of its target groups and delete it"
    assert lines[1:4] == [
        f"  … {title}: 0 of 3 instances of web-prod-v032 are drained.",
        "  – Wait until 3 of 3 are healthy",
        f"  ↺ {title}: web-prod-v032 is gone  4.0 s",
    ]


def test_unchanged_answers_are_not_sent_again(console: Pretended, run: Shell) -> None:
    console.answers(
        "GET",
        "deployments/87/",
        Answer(deployment(), headers={"ETag": '"one"'}),
        Answer(None, 304),
        Answer(deployment("succeeded")),
    )

    assert run("watch", "87").status == 0
    assert console.asked[1].headers["If-None-Match"] == '"one"'
    assert console.asked[2].headers["If-None-Match"] == '"one"'


def test_a_console_that_is_away_for_a_moment_is_waited_for(console: Pretended, run: Shell) -> None:
    away, hung = Answer({"title": "Bad Gateway"}, 502), Answer(None, hang_up=True)
    console.answers("GET", "deployments/87/", Answer(deployment()), away, hung, Answer(deployment("succeeded")))

    done = run("watch", "87")

    assert done.status == 0
    assert "does not answer" in done.out


def test_a_time_limit_ends_the_watching_not_the_deployment(console: Pretended, run: Shell) -> None:
    console.answers("GET", "deployments/87/", Answer(deployment()))

    done = run("watch", "87", "--timeout", "0.0001")

    assert done.status == 5
    assert "goes on" in done.err
    assert console.posted() == []


def test_json_prints_the_end_alone(console: Pretended, run: Shell) -> None:
    console.answers("GET", "deployments/87/", Answer(deployment()), Answer(deployment("undone")))

    done = run("watch", "87", "--json")

    assert done.status == 4
    assert json.loads(done.out)["state"] == "undone"


def test_a_person_who_has_to_decide_is_told_what(console: Pretended, run: Shell) -> None:
    asking = deployment("needs_person", waiting_for="Is 5 % enough?", steps=STEPS)
    console.answers("GET", "deployments/87/", Answer(asking), Answer(deployment("succeeded")))

    assert "A person has to decide: Is 5 % enough?" in run("watch", "87").out


def test_ctrl_c_stops_the_watching_not_the_push_and_says_so(console: Pretended, tmp_path: Path) -> None:
    console.answers("GET", "deployments/87/", Answer(deployment(steps=STEPS)))
    with (tmp_path / "out").open("w+") as out:
        watching = subprocess.Popen([sys.executable, "-m", "apps.cli.main", "watch", "87"], stdout=out, stderr=out)
        try:
            _until(lambda: len(console.asked) > 1)
            watching.send_signal(signal.SIGINT)
            assert watching.wait(20) == 130
        finally:
            watching.kill()
            watching.wait()
        out.seek(0)
        assert "Stopped watching deployment 87. It goes on" in out.read()
    assert console.posted() == []


def test_on_a_terminal_the_steps_are_redrawn_in_place(console: Pretended) -> None:
    console.answers(
        "GET", "deployments/87/", Answer(deployment(steps=STEPS)), Answer(deployment("succeeded", steps=STEPS))
    )
    ours, theirs = pty.openpty()
    environment = dict(os.environ, TERM="xterm-256color", COLUMNS="100")
    command = [sys.executable, "-m", "apps.cli.main", "watch", "87"]
    watching = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = read_all(ours)
    assert watching.wait(20) == 0
    assert "\x1b[1A" in shown  # the cursor goes up: the lines before are drawn over
    assert "3 of 6 drained" in shown


def test_on_a_narrow_terminal_a_long_sentence_takes_several_lines_and_loses_nothing(console: Pretended) -> None:
    says = "0 of 4 healthy; i-e3326d22b13fa3e5b is unhealthy in web-prod: Health checks failed with these codes: [503]."
    times = {"started_at": "2026-11-20T10:00:00Z", "ended_at": "2026-11-20T10:00:01.2Z"}
    steps = [{**times, "title": "Wait until 4 of 4 are healthy", "state": "done", "says": says}]
    console.answers("GET", "deployments/87/", Answer(deployment("succeeded", steps=steps)))

    text = shown(60, "watch", "87")

    assert "i-e3326d22b13fa3e5b" in text
    assert " ".join(f"Wait until 4 of 4 are healthy: {says}".split()) in " ".join(text.replace("1.2 s", "").split())
    assert "…" not in text


def _until(holds: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    assert callable(holds)
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
