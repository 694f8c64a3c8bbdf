"""Starts an embedded cloud as a child process and waits until it answers: for tests and the demo's supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.localcloud.options import DESCRIPTION

LOG = "control.log"  # in its work folder
_ROOT = Path(__file__).resolve().parents[2]
_READY_WITHIN = 60.0
_STOP_WITHIN = 30.0


class CloudDidNotStartError(RuntimeError):
    """The embedded cloud ended before it was ready, or took too long; the end of its log is in the message."""


@dataclass(frozen=True)
class RunningCloud:
    """A child that answers. `stop` ends it and everything it started."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    account: str
    addresses: str  # the block of loopback addresses in use, "127.16.0.0/12"
    work: Path
    process: subprocess.Popen[bytes]
    resumed: bool = False  # it goes on where an earlier one stopped

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after 30 s; the children die with it either way."""
        _stop(self.process)


@dataclass(frozen=True)
class StartingCloud:
    """A child that may not answer yet."""

    work: Path
    process: subprocess.Popen[bytes]

    def ready(self) -> RunningCloud:
        """Waits until it answers; ends it if that fails. Raises CloudDidNotStartError."""
        try:
            told = _wait_ready(self.process, self.work, self.work / LOG)
        except BaseException:
            self.stop()
            raise
        return RunningCloud(
            endpoint=told["endpoint"],
            access_key_id=told["access_key_id"],
            secret_access_key=told["secret_access_key"],
            account=told["account"],
            addresses=told["addresses"],
            work=self.work,
            process=self.process,
            resumed=bool(told["resumed"]),
        )

    def stop(self) -> None:
        """As of one that answers; what an earlier cloud left is not lost by it."""
        _stop(self.process)


def start(work: Path, **options: str | float | bool) -> RunningCloud:
    """As `begin`, and waits until it answers. Raises CloudDidNotStartError."""
    return begin(work, **options).ready()


def begin(work: Path, **options: str | float | bool) -> StartingCloud:
    """Starts `python -m apps.localcloud --work work`; options as in `Options` (boot_seconds=0.2, lite=True, ...).

    Must be called from a thread that lives as long as the cloud shall (the child ends with it).
    """
    work.mkdir(parents=True, exist_ok=True)
    (work / DESCRIPTION).unlink(missing_ok=True)
    command = [sys.executable, "-m", "apps.localcloud", "--work", str(work), "--parent", str(os.getpid())]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        command += [flag] if value is True else [] if value is False else [flag, str(value)]
    with (work / LOG).open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C in the terminal is the starter's to pass on, when it is the cloud's turn
        )
    return StartingCloud(work, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_ready(process: subprocess.Popen[bytes], work: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            told: dict[str, Any] = json.loads((work / DESCRIPTION).read_text())
            return told
        time.sleep(0.02)
    state = f"ended with status {process.returncode}" if process.poll() is not None else "took too long"
    raise CloudDidNotStartError(f"the embedded cloud {state}:\n{log.read_text(errors='replace')[-2000:]}")
