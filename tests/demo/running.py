"""A demo of a test's own, as `make demo` starts it, in a folder of the test's."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import processes

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 150.0  # seconds; alone on two cores it takes under thirty
GONE_WITHIN = 30.0


@dataclass
class Demo:
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def record(self) -> dict[str, Any]:
        """What demo.json says."""
        content: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return content

    @property
    def screen(self) -> str:
        """What the terminal showed so far."""
        return (self.folder / "screen").read_text()

    def await_ready(self) -> Demo:
        """Raises AssertionError with the screen when it does not become ready."""
        until(lambda: (self.folder / "demo.json").exists() or self.process.poll() is not None, READY_WITHIN)
        assert self.process.poll() is None, self.screen
        return self

    def pids(self, *words: str) -> list[int]:
        """The living processes below this demo whose command line holds all the words."""
        lines = {each.pid: processes.command_line(each) for each in processes.below(self.process.pid)}
        return [pid for pid, line in lines.items() if all(word in line for word in words)]


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator[Demo]:
    """Starts a demo on any free port; ends it, whatever the test did."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "apps.demo", "--folder", str(folder), "--port", "0", "--end-with-parent", *options]
    with (folder / "screen").open("wb") as screen:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen)
    try:
        yield Demo(process, folder)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(GONE_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(holds: Callable[[], object], seconds: float = 30.0, seen: Callable[[], object] = str) -> None:
    """Waits for a condition. Raises AssertionError, with what is `seen` then, when it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {seen()}"
        time.sleep(0.05)
