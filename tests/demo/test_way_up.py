"""A demo that is stopped before it is ready leaves no process."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.running import ROOT, running, until
from tests.processes import alive, below

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
