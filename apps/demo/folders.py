"""Where a demo keeps what it makes, all below one folder (var/ in the checkout unless told otherwise)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from apps.demo.embedded import process

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var"  # unless told otherwise


class NotOursError(RuntimeError):
    """Files of an earlier demo belong to another user and cannot be removed; the message says which."""


@dataclass(frozen=True)
class Folders:
    top: Path

    @property
    def record(self) -> Path:
        """What the outside reads: URL, password, token, samples. There only while the demo is ready."""
        return self.top / "demo.json"

    @property
    def lock(self) -> Path:
        return self.top / "demo.lock"

    @property
    def logs(self) -> Path:
        """One file a process, of this start only."""
        return self.top / "log"

    @property
    def state(self) -> Path:
        """Everything else; made anew by each start."""
        return self.top / "demo"

    @property
    def processes(self) -> Path:
        """Which process is which now: name to pid."""
        return self.state / "processes.json"

    @property
    def servers(self) -> tuple[Path, Path]:
        """The folders of PostgreSQL and Redis."""
        return self.state / "postgres", self.state / "redis"

    def clear(self) -> None:
        """Removes what an earlier demo left, however it ended. Raises NotOursError."""
        self.top.mkdir(parents=True, exist_ok=True)
        try:
            self.record.unlink(missing_ok=True)
            for server in self.servers:
                if server.exists():
                    process.forget(server)
            for folder in (self.logs, self.state):
                if folder.exists():
                    shutil.rmtree(folder)
        except PermissionError as error:
            raise NotOursError(
                f"{error.filename} was left by a demo that another user started. Remove {self.top} as that user."
            ) from error
        self.logs.mkdir()
        self.state.mkdir()
