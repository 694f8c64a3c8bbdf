"""Reads that only wait for something, shared by all who wait in a region: one call for everybody, at most a second old.

Whoever asks names what it waits for; the first that finds the answer too old reads for all who asked lately, the others
take over what it found. Kept in Redis; where that does not answer, or in doubt, AWS is read. What is decided from such
a read changes nothing: within `looking_only`, a changing call raises ReadAgain.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

import redis

from apps.cloud.aws import autoscaling, shared
from apps.cloud.aws.autoscaling_shapes import group_state
from apps.cloud.aws.guard import ReadAgain, looking_only, only_looking
from apps.cloud.values import GroupState, Target, TargetHealth

__all__ = ["ReadAgain", "configure", "groups", "health", "looking_only"]

ASKED_FOR = 5.0  # seconds for which who asked once is read for by others
READS_WITHIN = 3.0  # seconds until somebody else reads, when the one who began did not come back
AWAITED = 0.5  # seconds that one who finds another reading waits for its answer, then reads by itself
STEP = 0.02
_PREFIX = "deployconsole:seen:"
_FORGOTTEN_AFTER = 30  # seconds

T = TypeVar("T")
Answers = Mapping[str, Any]  # by name, as JSON can hold them; None where AWS shows nothing of that name

_fresh_for = 0.0


def configure(seconds: float) -> None:
    """For how long an answer may be given to others; 0: everybody reads by itself."""
    global _fresh_for
    _fresh_for = seconds


def groups(target: Target, names: Sequence[str]) -> tuple[GroupState, ...]:
    """The named groups that exist, as `autoscaling.describe_groups`; within `looking_only` perhaps a moment old."""
    key = f"{target.account}:{target.region}:groups"

    def answers(wanted: Sequence[str], found: Sequence[GroupState]) -> Answers:
        return {**dict.fromkeys(wanted), **{group.name: group.raw for group in found}}

    if not only_looking():
        return _noted(key, lambda: autoscaling.describe_groups(target, names), lambda found: answers(names, found))
    found = _shared(
        key, sorted(set(names)), lambda wanted: answers(wanted, autoscaling.describe_groups(target, wanted))
    )
    return tuple(group_state(found[name]) for name in sorted(found) if found[name] is not None)


def health(
    target: Target, source: str, read: Callable[[Target, str], tuple[TargetHealth, ...]]
) -> tuple[TargetHealth, ...]:
    """What `read` answers of a target group or classic load balancer; within `looking_only` perhaps a moment old."""
    key = f"{target.account}:{target.region}:health:{source}"

    def answers(found: Sequence[TargetHealth]) -> Answers:
        return {source: [asdict(each) for each in found]}

    if not only_looking():
        return _noted(key, lambda: read(target, source), answers)
    found = _shared(key, [source], lambda _: answers(read(target, source)))
    return tuple(TargetHealth(**each) for each in found[source])


def _noted(key: str, read: Callable[[], T], answers: Callable[[T], Answers]) -> T:
    """What is read now; others who only look may have it, too."""
    began: float | None = None
    if _fresh_for:
        with contextlib.suppress(shared.Absent):
            began = shared.ask(_now)
    found = read()
    if began is not None:
        _note(key, answers(found), began)
    return found


def _shared(key: str, names: Sequence[str], read: Callable[[Sequence[str]], Answers]) -> Answers:
    """What somebody read within the last moment, else what is read now, for all who asked lately."""
    try:
        until = time.monotonic() + (AWAITED if _fresh_for else 0.0)
        while time.monotonic() < until:
            known, *_ = shared.ask(lambda client: _look(client, key, names))
            if known is not None:
                return known
            if shared.ask(lambda client: client.set(_reader(key), 1, nx=True, px=int(READS_WITHIN * 1000))):
                return _read_for(key, names, read)
            time.sleep(STEP)
    except shared.Absent:
        pass
    return read(names)


def _read_for(key: str, names: Sequence[str], read: Callable[[Sequence[str]], Answers]) -> Answers:
    """What is read now, unless the one before has just stored it: it may have ended after we looked."""
    try:
        known, now, everybody = shared.ask(lambda client: _look(client, key, names))
        if known is not None:
            return known
        found = read(everybody)
        _note(key, found, now)
    finally:
        with contextlib.suppress(shared.Absent):
            shared.ask(lambda client: client.delete(_reader(key)))
    return {name: found[name] for name in names}


def _note(key: str, found: Answers, began: float) -> None:
    """Stores what was read for others, with Redis's time at which the reading began: it is no newer."""
    stored: dict[Any, Any] = {
        name: json.dumps({"at": began, "found": each}, default=_to_json, separators=(",", ":"))
        for name, each in found.items()
    }

    def store(client: redis.Redis) -> None:
        pipe = client.pipeline(transaction=False)
        pipe.hset(_PREFIX + key, mapping=stored)
        pipe.expire(_PREFIX + key, _FORGOTTEN_AFTER)
        pipe.execute()

    with contextlib.suppress(shared.Absent):
        shared.ask(store)


def _look(client: redis.Redis, key: str, names: Sequence[str]) -> tuple[Answers | None, float, list[str]]:
    """What is known and fresh of all the names, else None; Redis's time; and all who asked lately, these included."""
    now = _now(client)
    pipe = client.pipeline(transaction=False)
    pipe.zadd(_asked(key), dict.fromkeys(names, now + ASKED_FOR))
    pipe.expire(_asked(key), _FORGOTTEN_AFTER)
    pipe.zremrangebyscore(_asked(key), 0, now)
    pipe.zrange(_asked(key), 0, -1)
    pipe.hmget(_PREFIX + key, list(names))
    *_, asked, stored = pipe.execute()
    found = {name: json.loads(text, object_hook=_from_json) for name, text in zip(names, stored, strict=True) if text}
    fresh = {name: each["found"] for name, each in found.items() if now - each["at"] <= _fresh_for}
    return (fresh if len(fresh) == len(names) else None), now, [name.decode() for name in asked]


def _now(client: redis.Redis) -> float:
    seconds, micro = client.time()
    return float(seconds) + micro / 1_000_000


def _asked(key: str) -> str:
    return f"{_PREFIX}{key}:asked"


def _reader(key: str) -> str:
    return f"{_PREFIX}{key}:reader"


def _to_json(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    raise TypeError(f"{type(value).__name__} is not expected in AWS's answer")


def _from_json(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value["$time"]) if set(value) == {"$time"} else value
