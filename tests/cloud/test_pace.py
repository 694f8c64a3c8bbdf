"""How many calls are made: buckets that all processes share, cut for everybody when AWS throttles."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import uuid

import pytest

from apps.cloud import errors
from apps.cloud.aws import autoscaling, buckets, pace, shared
from apps.cloud.aws.buckets import Bucket, cut, take
from apps.cloud.values import Target


@pytest.fixture(params=["shared", "alone"])
def bucket(request, monkeypatch):
    """Ten tokens a second and five saved up, in Redis, or in this process alone at the same rate."""
    monkeypatch.setattr(buckets, "ALONE", 1.0)
    configured(monkeypatch, os.environ["REDIS_URL"] if request.param == "shared" else "")
    return Bucket(uuid.uuid4().hex, 10.0, 5.0)


def configured(monkeypatch, url):
    monkeypatch.setattr(shared, "_client", None)
    monkeypatch.setattr(shared, "_down_until", 0.0)
    shared.configure(url)
    buckets.forget()


def test_what_was_saved_up_goes_at_once_then_each_waits_its_turn_and_the_rest_is_sent_away(bucket):
    waits = [take(bucket, 0.3) for _ in range(12)]
    assert waits[:5] == [0.0] * 5
    given = [wait for wait in waits[5:] if wait >= 0]
    assert 3 <= len(given) <= 5  # 0.3 s at 10 a second, and what came in meanwhile
    assert given == sorted(given)
    assert waits[-1] < 0


def test_a_throttled_bucket_gives_half_as_fast_and_has_nothing_saved_up(bucket):
    cut(bucket)
    cut(bucket)  # of the same moment: it counts once
    wait = take(bucket, 10.0)
    assert 0.15 < wait < 0.25


def test_the_rate_recovers_by_itself(bucket, monkeypatch):
    monkeypatch.setattr(buckets, "RECOVERS_IN", 0.2)
    cut(bucket)
    time.sleep(0.25)
    assert take(bucket, 10.0) == 0.0
    assert -take(bucket, 0.0) < 0.11  # seconds until the next one, at ten a second


def test_however_often_it_is_cut_something_is_left(bucket, monkeypatch):
    monkeypatch.setattr(buckets, "CUT_APART", 0.0)
    for _ in range(20):
        cut(bucket)
    assert 0 < take(bucket, 60.0) < 1 / (10.0 * buckets.LOWEST) + 0.5


def test_other_processes_take_from_the_same_bucket(monkeypatch):
    configured(monkeypatch, os.environ["REDIS_URL"])
    name = uuid.uuid4().hex
    program = (
        "from apps.cloud.aws import shared, buckets\n"
        f"shared.configure({os.environ['REDIS_URL']!r})\n"
        f"print([buckets.take(buckets.Bucket({name!r}, 0.01, 5.0), 0.0) >= 0 for _ in range(3)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[True, True, True]"
    assert [take(Bucket(name, 0.01, 5.0), 0.0) >= 0 for _ in range(3)] == [True, True, False]


def test_with_redis_gone_a_process_goes_on_with_a_cautious_share_and_waits_for_nobody(monkeypatch):
    configured(monkeypatch, "redis://127.0.0.1:1/0")
    found = [take(Bucket("gone", 8.0, 8.0), 0.0) >= 0 for _ in range(4)]
    assert found == [True, True, False, False]


def test_a_redis_that_hangs_is_given_up_and_not_asked_again_for_a_while(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configured(monkeypatch, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        assert [take(Bucket("hangs", 8.0, 8.0), 0.0) for _ in range(2)] == [0.0, 0.0]
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_a_call_whose_turn_is_too_far_off_is_throttled_without_being_sent(aws, anywhere, monkeypatch):
    monkeypatch.setattr(pace, "_rates", pace.Rates(1000.0, 0.8))
    aws.answer(200, "<x/>")
    autoscaling.delete_group(anywhere, "shop-v001", force=False)
    monkeypatch.setattr(pace, "PATIENCE", 0.0)
    with pytest.raises(errors.Throttled, match="DeleteAutoScalingGroup was held back") as held:
        autoscaling.delete_group(anywhere, "shop-v002", force=False)
    assert held.value.retryable
    assert len(aws.asked) == 1


def test_a_throttled_read_slows_the_reads_of_that_service_there_and_nothing_else(aws, anywhere, monkeypatch):
    monkeypatch.setattr(pace, "_rates", pace.Rates(40.0, 40.0))
    elsewhere = Target(anywhere.account, "eu-west-1")
    pace.throttled(anywhere, "autoscaling", changing=False)
    assert seconds(anywhere, "autoscaling", changing=False) > 0
    for target, service, changing in (
        (elsewhere, "autoscaling", False),
        (anywhere, "elbv2", False),
        (anywhere, "autoscaling", True),
    ):
        assert seconds(target, service, changing=changing) == 0


def seconds(target, service, *, changing):
    return take(pace._bucket(target, service, changing), 10.0)


class Limited:
    """Answers so many calls in any second, and throttles the others."""

    def __init__(self, most):
        self.most, self.taken, self.throttled, self.lock = most, [], 0, threading.Lock()

    def take(self, body):
        now = time.monotonic()
        with self.lock:
            self.taken = [each for each in self.taken if now - each < 1.0]
            if len(self.taken) >= self.most:
                self.throttled += 1
                return 400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"
            self.taken.append(now)
            return 200, "<x/>"


def persistent(target, name):
    """A changing call, made again a little later when it was throttled, as the engine does."""
    while True:
        try:
            return autoscaling.suspend(target, name, ["Launch"])
        except errors.Throttled:
            time.sleep(0.2)


def test_a_burst_above_what_aws_takes_is_slowed_for_all_and_everybody_gets_through(aws, anywhere, monkeypatch):
    monkeypatch.setattr(pace, "_rates", pace.Rates(200.0, 200.0))
    monkeypatch.setattr(buckets, "ALONE", 1.0)
    limited, done = Limited(40), []
    monkeypatch.setattr(aws, "take", limited.take)

    def work(name):
        for _ in range(20):
            persistent(anywhere, name)
        done.append(name)

    threads = [threading.Thread(target=work, args=(f"shop-v{number:03d}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(done) == 5
    assert 0 < limited.throttled < 100  # fewer than were answered; trying again at once makes it many times that
