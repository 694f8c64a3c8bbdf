"""Where a demo keeps what it makes, all below one folder (var/ in the checkout unless told otherwise)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from apps.demo.embedded import process
from apps.localcloud import state_file

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
        """Everything else; what a demo leaves there when it ends in order, the next one goes on from."""
        return self.top / "demo"

    @property
    def cloud(self) -> Path:
        """The embedded cloud's."""
        return self.state / "cloud"

    @property
    def hidden(self) -> Path:
        """The secrets of this demo, for its next start."""
        return self.state / "secrets.json"

    @property
    def samples(self) -> Path:
        """What was built in the embedded cloud."""
        return self.state / "samples.json"

    @property
    def packages(self) -> Path:
        """The package repository's."""
        return self.state / "packages"

    @property
    def token(self) -> Path:
        """The demo user's API token."""
        return self.state / "token"

    @property
    def processes(self) -> Path:
        """Which process is which now: name to pid."""
        return self.state / "processes.json"

    @property
    def servers(self) -> tuple[Path, Path]:
        """The folders of PostgreSQL and Redis."""
        return self.state / "postgres", self.state / "redis"

    @property
    def ended(self) -> Path:
        """There when the last demo ended in order; says which tables its database has."""
        return self.state / "ended"

    def resumable(self) -> bool:
        """Whether the last demo here ended in order, all that it left is there, and this code can go on from it.

        Where PostgreSQL cannot work in its folder (it is out of reach for the user that it runs as), nothing is left.
        """
        postgres, _ = self.servers
        known = (self.ended, self.hidden, self.samples, self.token)
        if not all(path.exists() for path in known) or not any(postgres.glob("data-*/PG_VERSION")):
            return False
        kept = state_file.find(self.cloud)
        if kept:
            kept.file.close()
        return kept is not None

    def tidy(self) -> None:
        """Removes of an earlier demo what is of one start only."""
        self.record.unlink(missing_ok=True)
        self.processes.unlink(missing_ok=True)
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir()

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
