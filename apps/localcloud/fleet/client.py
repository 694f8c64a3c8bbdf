"""The control process's side of the fleet: asks the fork server, keeps what is known of each instance."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import apps
from apps.localcloud import frames
from apps.localcloud.fleet import console
from apps.localcloud.fleet.tree import copy_tree, instances_folder
from apps.localcloud.interfaces import InstanceSpec

logger = logging.getLogger(__name__)

START_SECONDS = 30.0
RESTART_SECONDS = 0.2  # between two starts, so that a fault at start does not spin
ENDED_LOGS = 300  # consoles kept of instances whose trees are gone
_PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "TMPDIR", "TZ")
KILLED = -int(signal.SIGKILL)


class ForkFleet:
    """A `Fleet`. The callbacks run in one thread of their own, in the order in which things happened.

    Should the fork server die, its instances die with it: `on_exit` is told for each, and a new server takes over.
    """

    def __init__(self, work: Path, on_running: Callable[[str], None], on_exit: Callable[[str, int], None]) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self._work = work
        self._on_running = on_running
        self._on_exit = on_exit
        self._trees = instances_folder(work)
        for left in self._trees.iterdir():  # of a run that could not clean up
            shutil.rmtree(left, ignore_errors=True)
        self._logs = work / "console"
        self._logs.mkdir(mode=0o700, exist_ok=True)
        self._changed = threading.Condition(threading.RLock())
        self._sending = threading.Lock()
        self._pids: dict[str, int] = {}  # of each living instance; 0 until it is forked
        self._serving: set[str] = set()  # those whose service was started
        logs = sorted(self._logs.glob("*.log"), key=lambda log: log.stat().st_mtime)
        self._ended: dict[str, None] = dict.fromkeys(log.stem for log in logs)  # that are gone, the oldest first
        self._starts = 0
        self._closed = False
        self._process: subprocess.Popen[bytes]
        self._link: socket.socket
        self._events: queue.SimpleQueue[frames.Json | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._keep_alive, name="fleet-guard", daemon=True),
            threading.Thread(target=self._call_back, name="fleet-events", daemon=True),
        ]
        with self._changed:
            for thread in self._threads:
                thread.start()
            self._await_start(0)

    # -- the interface

    def start(self, spec: InstanceSpec) -> None:
        """Boots an instance; ValueError when one of that id is alive."""
        with self._changed:
            if spec.instance_id in self._pids:
                raise ValueError(f"{spec.instance_id} is running")
            (self._logs / f"{spec.instance_id}.log").unlink(missing_ok=True)
            self._ended.pop(spec.instance_id, None)
            self._pids[spec.instance_id] = 0
        raw = vars(spec) | {"image": str(spec.image.resolve()), "environment": dict(spec.environment)}
        self._send({"op": "start", "spec": raw})

    def stop(self, instance_id: str, grace: float = 10.0, *, keep: bool = False) -> None:
        """SIGTERM, and SIGKILL after `grace` seconds; its tree is removed unless `keep`. Unknown ids are ignored."""
        with self._changed:
            if instance_id not in self._pids and instance_id not in self._ended:
                return
        self._send({"op": "stop", "id": instance_id, "grace": grace, "keep": keep})

    def capture(self, instance_id: str, destination: Path) -> None:
        """Copies the instance's tree as it is now; KeyError for unknown ids, OSError while there is no tree."""
        with self._changed:
            if instance_id not in self._pids and instance_id not in self._ended:
                raise KeyError(instance_id)
        destination.parent.mkdir(parents=True, exist_ok=True)
        copy_tree(self._trees / instance_id, destination)

    def console_output(self, instance_id: str) -> bytes:
        """What boot, user data and service printed; the last 64 KB."""
        return console.tail(self._logs / f"{instance_id}.log")

    def pid(self, instance_id: str) -> int | None:
        """The service's process id; None when it does not run."""
        with self._changed:
            return self._pids[instance_id] if instance_id in self._serving else None

    def close(self) -> None:
        """Ends every instance and the fork server; returns when none is left."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            process = self._process
        with contextlib.suppress(OSError), self._sending:
            self._link.sendall(frames.pack({"op": "close"}))
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._events.put(None)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5)
        self._link.close()
        shutil.rmtree(self._trees, ignore_errors=True)

    # -- the fork server

    def _keep_alive(self) -> None:
        """Starts the server, reads what it tells, and starts it again when it ends by itself.

        One thread does so for as long as we live, since the kernel takes a starter's end for its whole process's.
        """
        while True:
            with self._changed:
                if self._closed:
                    return
                self._process, self._link = self._spawn()
                self._starts += 1
                self._changed.notify_all()
            with contextlib.suppress(OSError):
                while True:
                    self._note(frames.receive(self._link))
            self._process.wait()
            if not self._closed:
                logger.warning("The fork server ended with status %s and is started again", self._process.returncode)
                self._lose_all()
                time.sleep(RESTART_SECONDS)

    def _spawn(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "apps.localcloud.fleet", str(theirs.fileno()), str(os.getpid())]
        with theirs, (self._work / "fleet.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, str(self._trees.resolve()), str(self._logs.resolve())],
                cwd=Path(apps.__path__[0]).resolve().parent,
                pass_fds=[theirs.fileno()],
                env=_clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return process, ours

    def _note(self, event: frames.Json) -> None:
        with self._changed:
            instance_id = event["id"]
            if event["event"] == "forked":
                self._pids[instance_id] = event["pid"]
                return
            if event["event"] == "running":
                self._serving.add(instance_id)
            else:
                self._note_end(instance_id)
        self._events.put(event)

    def _note_end(self, instance_id: str) -> None:
        self._pids.pop(instance_id, None)
        self._serving.discard(instance_id)
        self._ended[instance_id] = None
        surplus = len(self._ended) - ENDED_LOGS
        gone = (one for one in self._ended if not (self._trees / one).exists())
        for oldest in list(islice(gone, max(0, surplus))):
            del self._ended[oldest]
            (self._logs / f"{oldest}.log").unlink(missing_ok=True)

    def _lose_all(self) -> None:
        """The server is gone and the kernel has ended its instances; what they had started is ended here."""
        with self._changed:
            lost = dict(self._pids)
        kill_sessions({pid for pid in lost.values() if pid})
        for instance_id in lost:
            self._note({"event": "exit", "id": instance_id, "status": KILLED})

    def _call_back(self) -> None:
        while (event := self._events.get()) is not None:
            if self._closed:
                continue
            try:
                if event["event"] == "running":
                    self._on_running(event["id"])
                else:
                    self._on_exit(event["id"], event["status"])
            except Exception:  # a fault in one callback must not keep the later ones from being told
                logger.exception("The callback for %s failed", event)

    def _send(self, message: frames.Json) -> None:
        """Asks the server; when it has died, the next one. Raises ConnectionError.

        Nobody who waits to send may hold the lock that the reading thread needs, else a burst could stop both sides.
        """
        with self._sending:
            if self._closed:
                raise ConnectionError("the fleet was closed")
            starts = self._starts
            try:
                self._link.sendall(frames.pack(message))
            except OSError:
                with self._changed:
                    self._await_start(starts)
                self._link.sendall(frames.pack(message))

    def _await_start(self, starts: int) -> None:
        """Waits until the server was started more than `starts` times."""
        if not self._changed.wait_for(lambda: self._closed or self._starts > starts, START_SECONDS) or self._closed:
            raise ConnectionError("the fork server does not start")


def _clean_environment() -> dict[str, str]:
    """What the server needs of our environment: instances could read it, so nothing that may be a secret."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def kill_sessions(sessions: set[int]) -> None:
    """Kills every process of the given sessions, where the system tells which those are."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            session = int(stat.read_text().rpartition(")")[2].split()[3])
            if session in sessions:
                os.kill(int(stat.parent.name), signal.SIGKILL)
