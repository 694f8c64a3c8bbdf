"""However the demo ends, no process is left, and the next one starts."""

import os
import pty
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.running import ROOT, Demo, running, until
from tests.processes import alive, below


def test_killing_the_supervisor_leaves_no_process_behind(demo: Demo) -> None:
    started = below(demo.process.pid)
    assert len(started) > 20
    demo.process.kill()
    demo.process.wait()
    until(lambda: not alive(started), 90, lambda: alive(started))  # a worker ends the look that it is at first


def test_after_that_a_new_demo_starts_in_the_same_folder_and_ctrl_c_ends_it(demo: Demo) -> None:
    assert (demo.folder / "demo.json").exists()  # the killed one left it
    with running(demo.folder) as again:
        until(lambda: "Starting" in again.screen)
        again.await_ready()
        started = below(again.process.pid)
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(30) == 0, again.screen
        assert alive(started) == {}
        assert "nothing is left running" in again.screen
        assert not (demo.folder / "demo.json").exists()


def test_what_ended_in_order_is_gone_on_from(open_folder: Path) -> None:
    with running(open_folder) as one:
        first = one.await_ready().record
        ask(first, "PATCH", "applications/web/", {"owner": "Team Window"})
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(30) == 0, one.screen
    with running(open_folder) as two:
        until(lambda: "Going on where the last demo stopped" in two.screen)
        record = two.await_ready().record
        assert {**record, "url": ""} == {**first, "url": ""}
        assert ask(record, "GET", "applications/web/")["owner"] == "Team Window"
        for sample in record["samples"]:
            assert httpx.get(sample["load_balancer_url"], timeout=60).status_code == 200
        fresh = ask(record, "POST", f"clusters/{plain(record)}/refresh/")
        assert "serves all traffic" in fresh["sentence"], fresh["sentence"]
        two.process.kill()
        two.process.wait()
    with running(open_folder) as three:  # what was killed is not
        until(lambda: "Starting PostgreSQL" in three.screen, 60)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that the user reaches whom PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="dc-demo-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def ask(record: dict[str, Any], method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {record['token']}"}
    answer = httpx.request(method, f"{record['url']}/api/v1/{path}", headers=headers, json=body, timeout=60)
    assert answer.is_success, answer.text
    return answer.json()


def plain(record: dict[str, Any]) -> str:
    """Where the first sample is."""
    return "{environment}/{region}/{cluster}".format(**record["samples"][0])


STAGES = [(signal.SIGTERM, "Building images"), (signal.SIGHUP, "Starting PostgreSQL")]


@pytest.mark.parametrize(("how", "stage"), STAGES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_stopping_on_the_way_up_leaves_no_process_behind(tmp_path: Path, how: signal.Signals, stage: str) -> None:
    with running(tmp_path) as started:
        until(lambda: stage in started.screen, 60)
        parts = below(started.process.pid)
        started.process.send_signal(how)
        assert started.process.wait(30) == 0, started.screen
        assert alive(parts) == {}
        assert not (tmp_path / "demo.json").exists()


def test_closing_the_terminal_ends_the_demo(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "apps.demo", "--folder", str(tmp_path), "--port", "0"]
    # no controlling terminal, so no SIGHUP comes: as for what `ssh host make demo` starts
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        assert b"Starting" in os.read(ours, 100)
        started = below(process.pid)
    finally:
        os.close(ours)
        assert process.wait(60) == 0
    assert alive(started) == {}
