"""Counting the queries that pages take, with little in the tables and with much."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext, override_settings

from tests.cloud.scripted import serving

Queries = list[str]  # the SQL of each
FEW, MANY = 2, 20  # of everything


@contextmanager
def refusing_cloud() -> Iterator[None]:
    """An AWS that refuses whatever it is asked; no cache tells what another one answered."""
    memory = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with override_settings(CACHES=memory), serving() as (script, url), pytest.MonkeyPatch.context() as patch:
        script.error(403, "AccessDenied")
        for name, value in (("ENDPOINT_URL", url), ("ACCESS_KEY_ID", "nobody"), ("SECRET_ACCESS_KEY", "nothing")):
            patch.setenv(f"AWS_{name}", value)
        yield


def queries_of(get: Callable[[str], HttpResponse], address: str, answers: Sequence[int]) -> Queries:
    """The SQL that an address takes; it must answer with one of these statuses."""
    with CaptureQueriesContext(connection) as taken:
        answer = get(address)
    assert answer.status_code in answers, (address, answer.status_code, answer.content[:500])
    return [query["sql"] for query in taken.captured_queries]


def check(name: str, few: Mapping[str, Queries], many: Mapping[str, Queries], pinned: Mapping[str, list[int]]) -> None:
    """That the addresses of a URL name take the pinned numbers of queries, both with few rows and with many."""
    assert few, f"No address with the URL name {name} is looked at: the pages' are those of `paths()`."
    for address, before in few.items():
        after = many[address]
        more = Counter(map(_short, after)) - Counter(map(_short, before))
        grown = f"{address} takes {len(before)} queries with {FEW} of everything, {len(after)} with {MANY}. More of:"
        assert len(after) == len(before), "\n".join([grown, *(f"{count} x {sql}" for sql, count in more.items())])
    counts = [len(each) for each in few.values()]
    taken = [f"{address}\n  " + "\n  ".join(map(_short, each)) for address, each in few.items()]
    line = f'{name} has {pinned.get(name)} in QUERIES. If it cannot take fewer, write:\n    "{name}": {counts},'
    assert counts == pinned.get(name), "\n".join([line, *taken])


def _short(sql: str) -> str:
    return re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", sql)[:160]
