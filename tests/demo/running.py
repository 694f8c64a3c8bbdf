"""A demo of a test's own, as `make demo` starts it, in a folder of the test's."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        lines = {pid: command_line(pid) for pid in descendants(self.process.pid)}
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


def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Waits for a condition. Raises AssertionError when it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(0.05)


def descendants(ancestor: int) -> set[int]:
    """The living processes below one, at any depth."""
    parents = dict(filter(None, map(_parent, _processes())))
    found: set[int] = set()
    fresh = {ancestor}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def alive(pids: set[int]) -> dict[int, str]:
    """Those that still run, with their command lines."""
    return {pid: command_line(pid) for pid in pids if _parent(pid)}


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  # names are all that is wanted


def _parent(pid: int) -> tuple[int, int] | None:
    """(process, its parent); None when it is gone, or only waits to be collected."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else (pid, int(parent))
