"""Starts one real PostgreSQL and one real Redis-protocol server for the run, before Django's settings are read.

Named by `addopts = -p tests.plugin`. They are the embedded ones, whatever the machine has, unless POSTGRES_BIN and
REDIS_SERVER name others (apps/demo/embedded).
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from apps.demo.embedded import Postgres, Redis
from tests.sharing import Sharing

COLLECTED_EVERY = 50_000  # objects more

os.environ.setdefault("MATRIX_SEED", "11")  # which sample of faults: the same in each run; `make matrix` tries them all
os.environ.setdefault("POSTGRES_BIN", "wheel")
os.environ.setdefault("REDIS_SERVER", "wheel")
_folder = Path(tempfile.mkdtemp(prefix="dc-test-"))
_folder.chmod(0o711)
postgres = Postgres(_folder / "pg")
redis_server = Redis(_folder / "redis")


@pytest.hookimpl(wrapper=True)  # a wrapper, because pytest-django's own hook reads the settings and is tried first
def pytest_load_initial_conftests() -> Generator[None]:
    postgres.start()
    redis_server.start()
    os.environ.update(
        DATABASE_URL=postgres.create("deployconsole"),
        REDIS_URL=redis_server.url,
        SECRET_KEY="only-for-tests-" + "x" * 50,
        HTTPS="0",
        PLAIN_STATIC="1",
        ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
        AWS_READS_PER_SECOND="1000",  # the embedded cloud has no limits, and tests look far more often than workers do
        AWS_CHANGES_PER_SECOND="1000",
        AWS_POLLS_SHARED_SECONDS="0.05",
        DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's synchronous API keeps an event loop running
    )
    return (yield)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what was imported and collected lasts: looking through it again and again takes long
    gc.set_threshold(COLLECTED_EVERY)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    redis_server.stop()
    postgres.stop()
    shutil.rmtree(_folder, ignore_errors=True)
