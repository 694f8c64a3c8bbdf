"""Reads side by side: all at once, and told of as if whoever asked had made them itself."""

from __future__ import annotations

import threading

import pytest

from apps.cloud.aws.guard import looking_only, only_looking
from apps.cloud.aws.observe import observe, report
from apps.cloud.aws.together import together
from apps.cloud.errors import NotFound
from apps.cloud.values import CallRecord, Target

RECORD = CallRecord("ec2", "DescribeImages", Target("222222222222", "us-east-1"), 0.1, "ok", changing=False, message="")


def test_reads_go_on_at_the_same_time_as_who_asked_would_have_made_them() -> None:
    both = threading.Barrier(2, timeout=10)

    def read(answer: str) -> tuple[str, bool]:
        both.wait()
        return answer, only_looking()

    with looking_only(), together() as ask:
        first, second = ask(read, "a"), ask(read, "b")
        assert (first.result(), second.result()) == (("a", True), ("b", True))


def test_observers_are_told_once_by_the_thread_that_asked_even_of_what_failed() -> None:
    told: list[int] = []

    def read() -> None:
        report(RECORD)
        raise NotFound("gone", operation="DescribeImages")

    with observe(lambda call: told.append(threading.get_ident())), together() as ask:
        reading = ask(read)
        for _ in range(2):
            with pytest.raises(NotFound):
                reading.result()
    assert told == [threading.get_ident()]
