"""The demo's own processes: started with a log file each, started again when they end by themselves."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.demo.embedded import process
from apps.demo.folders import ROOT

CALM = 20.0  # seconds a process must live for its next end to count as the first
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0)  # seconds before it is started again, by how often it ended in a row


@dataclass(frozen=True)
class Part:
    """One process: what it is called (its log file too), and how it is started."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    pass_fds: Sequence[int] = ()


class Child:
    """A running part."""

    def __init__(self, part: Part, logs: Path, say: Callable[[str], None]) -> None:
        self.part = part
        self.log = logs / f"{part.name}.log"
        self._say = say
        self._ends = 0
        self._due: float | None = None
        self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def tend(self) -> None:
        """Starts the process again when it has ended, sooner or later by how often it did; never blocks."""
        now = time.monotonic()
        if self._due is None and self._process.poll() is not None:
            self._ends = self._ends + 1 if now - self._started < CALM else 1
            pause = PAUSES[min(self._ends, len(PAUSES)) - 1]
            self._due = now + pause
            again = f"in {pause:.0f} s" if pause else "now"
            self._say(f"{self.part.name} {how_it_ended(self._process)}; it is started again {again} ({self.log})")
        if self._due is not None and now >= self._due:
            self._start()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after ten seconds."""
        process.stop(self._process)

    def _start(self) -> None:
        self._due = None
        self._started = time.monotonic()
        self._process = spawn(self.part, self.log)


def finish(started: subprocess.Popen[bytes], part: Part, logs: Path, within: float, check: Callable[[], None]) -> None:
    """Waits until a started part has ended well, calling `check` meanwhile.

    Raises RuntimeError, with the end of its log, when it fails or takes longer than `within` seconds.
    """
    deadline = time.monotonic() + within
    try:
        while started.poll() is None and time.monotonic() < deadline:
            check()
            time.sleep(0.05)
    finally:
        process.stop(started)
    if started.returncode != 0:
        log = logs / f"{part.name}.log"
        raise RuntimeError(f"{part.name} {how_it_ended(started)}. The end of {log}:\n{tail(log)}")


def spawn(part: Part, log: Path) -> subprocess.Popen[bytes]:
    """Starts the part's process, in the checkout."""
    return process.spawn(part.argv, log, env=part.env, cwd=ROOT, pass_fds=part.pass_fds)


def how_it_ended(ended: subprocess.Popen[bytes]) -> str:
    """In words: "ended with status 1", "was ended by SIGKILL"."""
    status = ended.returncode
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def tail(log: Path, size: int = 2000) -> str:
    return log.read_text(errors="replace")[-size:].strip()
