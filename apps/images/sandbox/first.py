"""The first process inside: it runs the commands, looks after what they start, and ends all of it with itself."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from apps.images.sandbox import linux
from apps.images.sandbox.told import Told

KEPT = 64 << 10  # bytes of a command's output, its last ones
PIECE = 65_536
LOOK, PAUSE = 0.05, 0.2  # seconds between looks at memory, and at the service
ANSWER = 1.0  # seconds within which a service must answer
PAGE = os.sysconf("SC_PAGE_SIZE")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",  # noqa: S108 -- of the throwaway root
    "ROOT": "",
    "WORK": "/tmp/.deployconsole-check",  # noqa: S108
    "PYTHONDONTWRITEBYTECODE": "1",
}


class First:
    """Runs one check. `shut` closes the way to the repository."""

    def __init__(self, told: Told, shut: Callable[[], None]) -> None:
        self.told = told
        self.shut = shut
        self.until = time.monotonic() + told.seconds
        self.ended: dict[int, int] = {}  # status by process

    def check(self) -> None:
        """Says how each part ended, a line of JSON each, then that all is over."""
        say(part="made")
        Path(ENVIRONMENT["WORK"]).mkdir(0o700)
        threading.Thread(target=_watch, args=(self.told.memory,), daemon=True).start()
        if self.told.before:
            self._command("before", self.told.before)
        installed = self._command("install", self.told.install)
        self.shut()
        if installed == 0 and self.told.after:
            self._command("after", self.told.after)
        if installed == 0:
            self._health()
        say(part="end")

    def _command(self, part: str, command: str) -> int:
        """Runs it to its end; answers its status."""
        process = _Process(command)
        while process.pid not in self.ended:
            process.read(LOOK)
            self._reap()
            if time.monotonic() > self.until:
                say(part=part, status=-1, **process.said())
                over("time")
        process.drain()
        status = self.ended[process.pid]
        say(part=part, status=status, **process.said())
        return status

    def _health(self) -> None:
        told = self.told
        service = _Process(told.start) if told.start else None
        until = min(self.until, time.monotonic() + told.patience)
        problem = self._answers(service, until) if told.path else ""
        if service:
            service.drain()
        if told.path or service:
            say(part="service", problem=problem, **(service.said() if service else {}))
        if not problem and told.command:
            self._command("command", told.command)

    def _answers(self, service: _Process | None, until: float) -> str:
        """Waits until the service answers well; in words why it did not."""
        problem = "it was not asked"
        while True:
            problem = ask(self.told.service_port, self.told.path)
            if not problem:
                return ""
            self._reap()
            if service and service.pid in self.ended:
                return f"{problem}; what was started ended with status {self.ended[service.pid]}"
            if time.monotonic() > until:
                return problem
            time.sleep(PAUSE)
            if service:
                service.drain()

    def _reap(self) -> None:
        """Takes note of what ended; as the first process this one inherits what others leave behind."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self.ended[found[0]] = os.waitstatus_to_exitcode(found[1])


class _Process:
    """A shell with a command, and the end of what it prints."""

    def __init__(self, command: str) -> None:
        self._kept: deque[bytes] = deque()
        self._size = self._cut = 0
        self._output, theirs = os.pipe()
        os.set_blocking(self._output, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        self.pid = os.fork()
        if self.pid == 0:
            _become(command, theirs)
        os.close(theirs)

    def read(self, seconds: float) -> None:
        """Takes what it printed, waiting so long for it at most."""
        for _ in self._selector.select(seconds):
            piece = os.read(self._output, PIECE)
            if not piece:
                self._selector.unregister(self._output)
                return
            self._kept.append(piece)
            self._size += len(piece)
            while self._size - len(self._kept[0]) >= KEPT:
                self._size -= len(self._kept[0])
                self._cut += len(self._kept.popleft())
        if not self._selector.get_map():
            time.sleep(min(seconds, LOOK))

    def drain(self) -> None:
        """Takes what is there now."""
        for _ in range(KEPT // PIECE + 16):
            if not self._selector.get_map() or not self._selector.select(0):
                return
            self.read(0)

    def said(self) -> dict[str, str | int]:
        """Its last words, and how many bytes before them are lost."""
        whole = b"".join(self._kept)
        return {"text": whole[-KEPT:].decode(errors="replace"), "cut": self._cut + max(len(whole) - KEPT, 0)}


def _become(command: str, output: int) -> None:
    """Turns this new process into a shell; it never returns."""
    try:
        os.setsid()
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(3, 1024)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        linux.confine()
        os.execve("/bin/sh", ["sh", "-c", command], ENVIRONMENT)  # noqa: S606 -- in a root where that is all there is
    finally:
        os._exit(127)


def ask(port: int, path: str) -> str:
    """What is wrong with the answer to GET of the path, in words; empty if nothing is."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
            asking.settimeout(ANSWER)
            asking.connect(("127.0.0.1", port))
            asking.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while b"\r\n" not in answer and len(answer) < PIECE and (piece := asking.recv(4096)):
                answer += piece
    except OSError as error:
        return f"GET {path} on port {port}: {error.strerror or 'no answer in time'}"
    words = answer.split(b"\r\n", 1)[0].decode(errors="replace").split()
    status = words[1] if len(words) > 1 else "nothing"
    good = status.isdecimal() and 200 <= int(status) < 400
    return "" if good else f"GET {path} on port {port} answered {status}"


def say(**members: object) -> None:
    """One line of JSON for the worker."""
    line = json.dumps(members).encode() + b"\n"
    while line:
        line = line[os.write(1, line) :]


def over(why: str) -> None:
    """Ends everything in here."""
    say(part="over", why=why)
    os._exit(0)


def _watch(most: int) -> None:
    """Ends everything once all processes together hold more than so many bytes of memory."""
    while True:
        if sum(map(_resident, Path("/proc").glob("[0-9]*"))) * PAGE > most:
            over("memory")
        time.sleep(LOOK)


def _resident(process: Path) -> int:
    try:
        return int((process / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0


def broken(error: BaseException) -> None:
    """The root could not be made: nothing of the package was tried."""
    say(part="broken", says=str(error))
    sys.stdout.flush()
    os._exit(0)
