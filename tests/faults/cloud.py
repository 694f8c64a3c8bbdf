"""A lite cloud that can be brought back to a moment: it is forked there, and a fork serves until the next one does.

`python -m tests.faults.cloud --work DIR --parent PID` takes one word a line: `keep`, `restore` or `drop`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, fields
from pathlib import Path

from apps.localcloud import gate
from apps.localcloud.control import Control
from apps.localcloud.ec2 import images
from apps.localcloud.launch import RunningCloud
from apps.localcloud.options import DESCRIPTION, Options
from apps.localcloud.prctl import die_with_parent
from tests.faults import plain

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0


@dataclass(frozen=True)
class ForkedCloud(RunningCloud):
    """No call to the cloud may be under way while it is told something."""

    def keep(self) -> None:
        """The cloud stands still: `restore` is next, and leads back to here as often as it is called."""
        self._tell("keep")

    def restore(self) -> None:
        """Whatever happened since `keep`, or since the last `restore`, never did."""
        self._tell("restore")

    def drop(self) -> None:
        """The cloud goes on from where it was kept, which cannot be restored any more."""
        self._tell("drop")

    def _tell(self, word: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode().strip()
        assert answer == word, f"the cloud, told to {word}, answered {answer!r}"


def start(work: Path) -> ForkedCloud:
    """Starts one as a child of this process, and waits until it answers."""
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.faults.cloud", "--work", str(work), "--parent", str(os.getpid())]
    with (work / "control.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    deadline = time.monotonic() + READY_WITHIN
    while not (work / DESCRIPTION).exists():
        assert process.poll() is None, (work / "control.log").read_text()
        assert time.monotonic() < deadline, "the cloud did not answer in time"
        time.sleep(0.02)
    told = json.loads((work / DESCRIPTION).read_text())
    del told["pid"]
    return ForkedCloud(**told, work=work, process=process)


def main() -> None:
    """Serves until its input ends, or SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args()
    die_with_parent(given.parent, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lite = {option.name: option.metadata["lite"] for option in fields(Options) if option.metadata}
    control = Control(Options(**{**lite, "work": given.work, "lite": True, "boot_seconds": 0.05}))
    server = control._endpoint._server  # its port stays the same in every fork
    server.app = plain.answering(control.cloud, server.app)
    gate.verify = plain.believed  # type: ignore[attr-defined]
    images.remove = lambda _folder: None  # the disk is the same for every fork: none may take away what another needs
    fork = 0
    try:
        control.start()
        for line in sys.stdin:
            fork = _obey(line.strip(), control, fork)
            print(line.strip(), flush=True)
    finally:
        _end(fork)
        control.stop()


def _obey(word: str, control: Control, fork: int) -> int:
    """Does as told; answers the process that serves now, 0 for none but this one."""
    _end(fork)
    if word == "restore":
        return _forked(control)
    if word == "keep":
        control.pause()
        _hang_up()
        gc.collect()
        gc.freeze()  # what is kept is not looked through in every fork
    else:
        control.go_on()
    return 0


def _forked(control: Control) -> int:
    """A process that goes on from here; only this one thread is in it."""
    parent = os.getpid()
    fork = os.fork()
    if fork:
        return fork
    die_with_parent(parent, signal.SIGKILL)
    gc.disable()  # it serves for one cell
    control.go_on()
    while True:
        signal.pause()


def _end(fork: int) -> None:
    if fork:
        os.kill(fork, signal.SIGKILL)
        os.waitpid(fork, 0)


def _hang_up() -> None:
    """Ends all connections, so that no request reaches this process instead of its fork; then their threads end."""
    sockets = [int(entry.name) for entry in Path("/proc/self/fd").iterdir() if entry.is_socket()]
    for number in sockets:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as connection:
            connection.getpeername()  # OSError: the one that listens
            connection.shutdown(socket.SHUT_RDWR)
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(READY_WITHIN)


if __name__ == "__main__":
    main()
