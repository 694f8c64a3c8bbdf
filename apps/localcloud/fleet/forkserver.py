"""The fork server: one thread, the standard library in memory, one child for each instance.

It starts and ends instances as the control process asks, tells what becomes of them, and outlives its master by no more
than the time it takes to end them all.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from apps.localcloud import frames, prctl
from apps.localcloud.fleet import console, switch
from apps.localcloud.fleet.tree import remove_tree
from apps.localcloud.interfaces import InstanceSpec

TRIM_SECONDS = 5.0
_HANDLED = (signal.SIGTERM, signal.SIGCHLD)


@dataclass
class Child:
    """One instance's process, as its parent knows it."""

    instance_id: str
    tree: Path
    log: Path
    running_fd: int
    kill_at: float = field(default=float("inf"))  # monotonic; when SIGTERM was not enough
    remove: bool = False  # its tree goes when it ends


@dataclass(frozen=True)
class Birth:
    """What the forked process needs to become an instance."""

    spec: InstanceSpec
    tree: Path
    log: Path
    server: int
    running_fd: int


class ForkServer:
    """`run` returns in two ways: None in the server when all is over, a `Birth` in each new process."""

    def __init__(self, link: socket.socket, trees: Path, logs: Path) -> None:
        self._link = link
        self._trees = trees
        self._logs = logs
        self._inbox = frames.Inbox()
        self._children: dict[int, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._wake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wake_writer = wake
        self._over = False
        self._trim_at = time.monotonic() + TRIM_SECONDS

    def run(self) -> Birth | None:
        """Serves until the control process closes the link or asks for the end."""
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._end)
        self._selector.register(self._link, selectors.EVENT_READ, self._commands)
        self._selector.register(self._wake, selectors.EVENT_READ, self._signalled)
        while not self._over:
            for key, _ in self._selector.select(self._patience()):
                birth = key.data(key.fd)
                if birth is not None:
                    return birth
            self._due()
        self._end_all()
        return None

    def _end(self, *_: object) -> None:
        self._over = True

    # -- commands

    def _commands(self, _: int) -> Birth | None:
        data = self._link.recv(1 << 16)
        if not data:
            self._over = True
        for message in self._inbox.feed(data):
            match message["op"]:
                case "start":
                    birth = self._start(message)
                    if birth is not None:
                        return birth
                case "stop":
                    self._stop(message["id"], message["grace"], keep=message["keep"])
                case _:
                    self._over = True
        return None

    def _start(self, message: frames.Json) -> Birth | None:
        """Forks; a `Birth` is answered in the new process only."""
        raw = message["spec"]
        spec = InstanceSpec(**(raw | {"image": Path(raw["image"])}))
        tree, log = self._trees / spec.instance_id, self._logs / f"{spec.instance_id}.log"
        reader, writer = os.pipe2(os.O_CLOEXEC)
        server = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)  # a new process must not take a signal for the server's
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._forget()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            return Birth(spec, tree, log, server, writer)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        os.close(writer)
        self._children[pid] = Child(spec.instance_id, tree, log, reader)
        self._selector.register(reader, selectors.EVENT_READ, lambda fd: self._heard(fd, pid))
        self._tell({"event": "forked", "id": spec.instance_id, "pid": pid})
        return None

    def _forget(self) -> None:
        """In a new process: lets go of all that is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._selector.close()
        self._link.close()
        os.close(self._wake)
        os.close(self._wake_writer)
        for child in self._children.values():
            with contextlib.suppress(OSError):
                os.close(child.running_fd)
        self._children.clear()

    def _heard(self, fd: int, pid: int) -> None:
        """The instance says that its service starts, or has closed the pipe by ending."""
        said = os.read(fd, 1)
        self._selector.unregister(fd)
        os.close(fd)
        child = self._children.get(pid)
        if child is not None:
            child.running_fd = -1
            if said:
                self._tell({"event": "running", "id": child.instance_id})

    def _stop(self, instance_id: str, grace: float, *, keep: bool) -> None:
        for pid, child in self._children.items():
            if child.instance_id == instance_id:
                child.remove = child.remove or not keep
                child.kill_at = min(child.kill_at, time.monotonic() + grace)
                os.kill(pid, signal.SIGTERM)
                return
        if not keep:
            remove_tree(self._trees / instance_id)

    # -- what happens by itself

    def _signalled(self, fd: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(fd, 4096)
        self._reap()

    def _patience(self) -> float:
        first = min((child.kill_at for child in self._children.values()), default=self._trim_at)
        return max(0.0, min(first, self._trim_at) - time.monotonic())

    def _due(self) -> None:
        now = time.monotonic()
        for pid, child in self._children.items():
            if child.kill_at <= now:
                child.kill_at = float("inf")
                _kill_group(pid)
        if self._trim_at <= now:
            self._trim_at = now + TRIM_SECONDS
            for child in self._children.values():
                console.trim(child.log)

    def _reap(self) -> None:
        """Takes in every process that has ended; an instance takes with it all that it started."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            if ended.si_pid in self._children:
                _kill_group(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            child = self._children.get(ended.si_pid)
            if child is not None:
                self._ended(ended.si_pid, child, os.waitstatus_to_exitcode(status))
            self._kill_orphans()

    def _ended(self, pid: int, child: Child, status: int) -> None:
        if child.running_fd >= 0:
            self._heard(child.running_fd, pid)
        del self._children[pid]
        if child.remove:
            remove_tree(child.tree)
        console.trim(child.log)
        self._tell({"event": "exit", "id": child.instance_id, "status": status})

    def _kill_orphans(self) -> None:
        """Living instances adopt what their user data leaves behind; so whom we adopt has lost its instance."""
        for pid in _own_children() - self._children.keys():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _tell(self, event: frames.Json) -> None:
        try:
            self._link.sendall(frames.pack(event))
        except OSError:
            self._over = True

    def _end_all(self) -> None:
        """Kills every instance, waits for the last, and removes their trees."""
        for pid in self._children:
            _kill_group(pid)
        while self._children or _own_children():
            self._kill_orphans()
            pid, _ = os.waitpid(-1, 0)
            self._children.pop(pid, None)
        for tree in self._trees.iterdir():
            shutil.rmtree(tree, ignore_errors=True)


def _kill_group(pid: int) -> None:
    """The instance and what it started; it may not have made its session yet."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def _own_children() -> set[int]:
    """Process ids of our children, adopted ones too; empty where the system does not tell."""
    try:
        return set(map(int, Path("/proc/thread-self/children").read_text().split()))
    except OSError:
        return set()


def serve(link: socket.socket, parent: int, trees: Path, logs: Path) -> Birth | None:
    """Runs the server in this process."""
    prctl.adopt_orphans()
    prctl.die_with_parent(parent, signal.SIGTERM)
    switch.provide(trees, os.getpid())
    return ForkServer(link, trees, logs).run()
