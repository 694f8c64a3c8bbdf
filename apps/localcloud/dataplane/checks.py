"""Health checks: a real HTTP request, or a TCP connection, to each target of each group that a rule forwards to."""

from __future__ import annotations

import asyncio

from apps.localcloud.dataplane.targets import GroupState, TargetState
from apps.localcloud.interfaces import Health, HealthCheck

Failure = tuple[str, str]
REFUSED: Failure = ("Target.FailedHealthChecks", "Health checks failed")
TIMED_OUT: Failure = ("Target.Timeout", "Request timed out")
_HEAD_LIMIT = 16 * 1024


def accepted(matcher: str, status: int) -> bool:
    """Whether a status is among `200`, `200-299` or `200,202`."""
    for part in matcher.split(","):
        first, _, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False


async def ask(address: str, port: int, check: HealthCheck) -> Failure | None:
    """One check; None when the target is well, else ELBv2's reason code and description."""
    try:
        async with asyncio.timeout(check.timeout):
            if check.tcp:
                await _connect(address, check.port or port)
                return None
            status = await _status(address, check.port or port, check.path)
    except TimeoutError:
        return TIMED_OUT
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return REFUSED
    if accepted(check.matcher, status):
        return None
    return ("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]")


async def _connect(address: str, port: int) -> None:
    _, writer = await asyncio.open_connection(address, port)
    writer.close()


async def _status(address: str, port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection(address, port, limit=_HEAD_LIMIT)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {address}:{port}\r\nConnection: close\r\n"
            "User-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n".encode()
        )
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            version, status, *_ = head.split(None, 2)
            if not version.startswith(b"HTTP/1."):
                raise ValueError("not HTTP")
            if not status.startswith(b"1"):
                return int(status)
    finally:
        writer.close()


class Checker:
    """One task for each target that is checked; told of every new configuration."""

    def __init__(self) -> None:
        self._tasks: dict[TargetState, tuple[HealthCheck, asyncio.Task[None]]] = {}

    def follow(self, groups: dict[str, GroupState]) -> None:
        """Checks exactly the targets that are in use; those whose settings are as before go on undisturbed."""
        wanted = {
            target: group
            for group in groups.values()
            if group.used
            for target in group.targets.values()
            if not target.draining
        }
        for target, (check, task) in list(self._tasks.items()):
            group = wanted.get(target)
            if group is None or group.check != check:
                task.cancel()
                del self._tasks[target]
        for target, group in wanted.items():
            if target not in self._tasks:
                self._tasks[target] = (group.check, asyncio.create_task(_watch(group, target)))

    def close(self) -> None:
        """Ends all checks."""
        for _, task in self._tasks.values():
            task.cancel()
        self._tasks.clear()


async def _watch(group: GroupState, target: TargetState) -> None:
    """The first check at once, then one every interval, whatever the check itself takes."""
    check = group.check
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        failure = await ask(target.address, target.port, check)
        was = target.reading[0]
        if target.checked(failure, check) or was is Health.INITIAL:
            group.refresh()
        due = max(due + check.interval, loop.time() + check.interval / 10)
        await asyncio.sleep(due - loop.time())
