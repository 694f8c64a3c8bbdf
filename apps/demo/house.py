"""What runs now: servers and processes in the order they were started, looked after, and stopped in reverse."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from apps.demo import children, processes
from apps.demo.children import Child, Part
from apps.demo.folders import Folders
from apps.localcloud.launch import RunningCloud

STARTS = 5  # of a server that ended, before the demo gives up


class Server(Protocol):
    """PostgreSQL or Redis (apps.demo.embedded)."""

    name: str

    @property
    def pid(self) -> int | None: ...
    def alive(self) -> bool: ...
    def start(self) -> object: ...
    def stop(self) -> None: ...


class CloudEndedError(RuntimeError):
    """The embedded cloud ended; what it held is gone with it, so the demo cannot go on."""


class House:
    """A context: whatever was started in it is stopped when it ends."""

    def __init__(self, folders: Folders, say: Callable[[str], None], check: Callable[[], None]) -> None:
        """`check` is called often, and raises when everything shall stop."""
        self.folders = folders
        self._check = check
        self._say = say
        self._children: list[Child] = []
        self._servers: list[Server] = []
        self._cloud: RunningCloud | None = None
        self._stops = contextlib.ExitStack()
        self._noted: dict[str, int | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stops.close()

    def at_end(self, stop: Callable[[], object]) -> None:
        self._stops.callback(stop)

    def serve(self, server: Server) -> None:
        """Starts a server and keeps it running. Raises RuntimeError when it does not start."""
        self._check()
        self.at_end(server.stop)
        server.start()
        self._servers.append(server)

    def shelter(self, cloud: RunningCloud) -> None:
        """Takes over a started embedded cloud; it is not started again, for its state would be lost."""
        self.at_end(cloud.stop)
        self._check()
        self._cloud = cloud

    def keep(self, part: Part) -> None:
        """Starts a process and keeps it running."""
        self._check()
        child = Child(part, self.folders.logs, self._say)
        self.at_end(child.stop)
        self._children.append(child)
        self._note()

    def begin(self, part: Part) -> subprocess.Popen[bytes]:
        """Starts a process that ends by itself; `finish` waits for it."""
        self._check()
        begun = children.spawn(part, self.folders.logs / f"{part.name}.log")
        self.at_end(begun.kill)
        return begun

    def finish(self, begun: subprocess.Popen[bytes], part: Part, within: float) -> None:
        """Raises RuntimeError, with the end of its log, when it failed or is not done `within` seconds."""
        children.finish(begun, part, self.folders.logs, within, self._check)

    def tend(self) -> None:
        """One look at everything: what ended is started again. Raises CloudEndedError."""
        self._check()
        for server in self._servers:
            if not server.alive():
                self._say(f"{server.name} ended; it is started again")
                _start_again(server)
        if self._cloud and self._cloud.process.poll() is not None:
            ended = children.how_it_ended(self._cloud.process)
            raise CloudEndedError(f"The embedded cloud {ended} and took its instances with it. Start the demo again.")
        for child in self._children:
            child.tend()
        self._note()

    def _note(self) -> None:
        """Writes down which process is which, for whoever wants to kill one."""
        servers = {server.name.lower(): server.pid for server in self._servers}
        parts = {child.part.name: child.pid for child in self._children}
        known = {processes.SUPERVISOR: os.getpid(), **parts, **servers}
        if known != self._noted:
            processes.write(self.folders.processes, known)
            self._noted = known


def _start_again(server: Server) -> None:
    """Tries a few times: processes of the one that ended may linger for a moment. Raises RuntimeError."""
    for _ in range(STARTS - 1):
        try:
            server.start()
        except RuntimeError:
            time.sleep(0.5)
        else:
            return
    server.start()
