"""The control process's side of the data plane: starts it, tells it what to do, starts it again when it dies."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import apps
from apps.localcloud import frames
from apps.localcloud.dataplane import wire
from apps.localcloud.interfaces import DataPlaneConfig, TargetReading, Traffic

logger = logging.getLogger(__name__)

REPLY_SECONDS = 30.0
FRESH_SECONDS = 0.2  # an answer about health is as good for this long
RESTART_SECONDS = 0.2  # between two starts, so that a fault at start does not spin


class ProxyDataPlane:
    """A `DataPlane`: real HTTP proxies in a process of their own, which lives as long as this object's process.

    `idle` and `connect` are the balancer's time-outs in seconds. Calls raise ConnectionError when the proxy cannot be
    started, or after `close`.
    """

    def __init__(self, work: Path, *, idle: float = 60.0, connect: float = 10.0) -> None:
        self._work = work
        self._limits = (idle, connect)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._config = DataPlaneConfig()
        self._failures: dict[tuple[str, int], str] = {}
        self._readings: dict[tuple[str, str, int], TargetReading] = {}
        self._read_at = 0.0
        self._closed = False
        self._starts = 0
        self._process: subprocess.Popen[bytes]
        self._link: socket.socket
        work.mkdir(parents=True, exist_ok=True)
        self._guard = threading.Thread(target=self._keep_alive, name="dataplane-guard", daemon=True)
        with self._changed:
            self._guard.start()
            self._await_start(0)

    @property
    def pid(self) -> int:
        """The proxy's process id, for tests that kill it."""
        return self._process.pid

    def apply(self, config: DataPlaneConfig) -> None:
        """Makes the whole configuration so; returns once new requests follow it."""
        with self._lock:
            self._config = config
            self._push(seed={}, send=self._ask)
            self._read_at = 0.0

    def health(self) -> Mapping[tuple[str, str, int], TargetReading]:
        """Each target's latest reading."""
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._readings = wire.decode_readings(self._ask({"op": "health"})["health"])
                self._read_at = time.monotonic()
            return self._readings

    def traffic(self) -> list[Traffic]:
        """Counts since the last call; what a proxy that died had counted is lost."""
        with self._lock:
            return wire.decode_traffic(self._ask({"op": "traffic"})["traffic"])

    def failures(self) -> Mapping[tuple[str, int], str]:
        """Listeners that the last `apply` could not bind."""
        with self._lock:
            return dict(self._failures)

    def close(self) -> None:
        """Ends the proxy; returns when it is gone."""
        with self._lock:
            self._closed = True
            self._link.close()
            process = self._process
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._guard.join(5)

    # -- the process

    def _spawn(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        ours.settimeout(REPLY_SECONDS)
        root = str(Path(apps.__path__[0]).resolve().parent)
        command = [sys.executable, "-m", "apps.localcloud.dataplane", str(theirs.fileno()), str(os.getpid())]
        with theirs, (self._work / "dataplane.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, *map(str, self._limits)],
                cwd=root,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return process, ours

    def _keep_alive(self) -> None:
        """Starts the proxy, and again whenever it ends by itself.

        One thread does so for as long as we live, since the kernel takes a starter's end for its whole process's.
        """
        while True:
            with self._changed:
                if self._closed:
                    return
                self._process, self._link = self._spawn()
                if self._starts:
                    self._restore()
                self._starts += 1
                self._changed.notify_all()
            status = self._process.wait()
            if not self._closed:
                logger.warning("The data plane ended with status %s and is started again", status)
                time.sleep(RESTART_SECONDS)

    def _restore(self) -> None:
        """Gives a new proxy the last configuration and the health that was known last."""
        try:
            self._push(seed=self._readings, send=self._send)
        except OSError:
            logger.exception("The data plane did not take its configuration after a restart")

    def _push(self, seed: wire.Readings, send: Callable[[frames.Json], frames.Json]) -> None:
        config = wire.encode_config(self._config)
        failures = send({"op": "apply", "config": config, "seed": wire.encode_readings(seed)})["failures"]
        self._failures = {(address, port): reason for address, port, reason in failures}

    def _ask(self, message: frames.Json) -> frames.Json:
        """Sends a message and waits for its answer; when the proxy has died, the next one is asked, once."""
        if self._closed:
            raise ConnectionError("the data plane was closed")
        starts = self._starts
        try:
            return self._send(message)
        except OSError:
            self._process.kill()  # out of step with us, if it lives at all
        self._await_start(starts)
        return self._send(message)

    def _send(self, message: frames.Json) -> frames.Json:
        self._link.sendall(frames.pack(message))
        return frames.receive(self._link)

    def _await_start(self, starts: int) -> None:
        """Waits until the proxy was started more than `starts` times."""
        if not self._changed.wait_for(lambda: self._closed or self._starts > starts, REPLY_SECONDS) or self._closed:
            raise ConnectionError("the data plane does not start")
