"""The embedded PostgreSQL and Redis: start, stop, crash, and what is left."""

import os
import signal
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from apps.demo import house
from apps.demo.embedded import Postgres, Redis, process


@pytest.mark.parametrize("wheel", [False, True], ids=["as found", "wheel"])
def test_postgres_keeps_its_data_over_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, wheel: bool) -> None:
    if wheel:
        monkeypatch.setenv("POSTGRES_BIN", "wheel")
    server = Postgres(tmp_path / "pg", durable=True).start()
    try:
        url = server.create("kept")
        _sql(url, "CREATE TABLE t AS SELECT 42 AS answer")
        os.killpg(_group(server), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while server.alive():
            assert time.monotonic() < deadline
        house._start_again(server)
        assert _sql(url, "SELECT answer FROM t") == 42
    finally:
        server.stop()
    assert not server.alive()


def test_redis_answers_and_forgets(tmp_path: Path) -> None:
    server = Redis(tmp_path / "redis").start()
    try:
        client = redis.Redis.from_url(server.url)
        client.set("key", "value")
        assert client.get("key") == b"value"
        client.close()
    finally:
        server.stop()
    assert not server.alive()
    assert not list(server.folder.glob("*.rdb"))


def test_a_folder_with_a_long_path_gives_way_to_a_short_one_and_is_removed(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    server = Redis(deep).start()
    try:
        assert len(str(server.socket)) < 107
        assert redis.Redis.from_url(server.url).ping()
    finally:
        server.stop()
    assert not server.folder.exists()


def test_what_a_killed_server_left_elsewhere_is_removed_later(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    left = process.private_folder(deep)
    (left / "data").mkdir()

    process.forget(deep)

    assert not left.exists()
    assert not deep.exists()


def test_a_missing_package_says_how_to_get_it() -> None:
    with pytest.raises(RuntimeError, match="make setup"):
        process.package_folder("no_such_package")


def _sql(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def _group(server: Postgres) -> int:
    """PostgreSQL's process group: killing all of it at once is the machine's crash."""
    return int((next(server.folder.glob("data-*")) / "postmaster.pid").read_text().splitlines()[0])
