"""Strikes at one AWS call of one run, where the cloud boundary sends it; all others pass and are written down."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from django.db import connection

from apps.cloud.aws import session
from apps.cloud.aws.together import SIDE_BY_SIDE
from apps.cloud.aws.translate import translate
from apps.deployments.preflight.look import THREADS
from apps.workflows.models import Run
from apps.workflows.services.tick import Tick
from tests.faults import answers
from tests.faults.calls import PLANNING, READING, Call, about
from tests.faults.clock import Clock
from tests.faults.faults import FAULTS, Fault
from tests.faults.stale import SHOWN_LATE, Memory, untagged
from tests.faults.watch import Watch

Send = Callable[[], Any]

SLOW = 9.0  # seconds, nearly as long as a call may take
LEASE = 30.0  # seconds, longer than a lease lasts


class Died(BaseException):
    """The process was killed."""


class Injector:
    """Use `installed()`, and `follow` the run once there is one. `struck` tells whether the call came."""

    def __init__(
        self,
        watch: Watch,
        at: Call | None = None,
        fault: str = "",
        other: Callable[[], None] | None = None,
        memory: Memory | None = None,
    ) -> None:
        """`other` is another worker: it carries the run on while this one is stopped. `memory` is of what was read."""
        self.watch = watch
        self.at = at
        self.fault: Fault | None = FAULTS[fault] if fault else None
        self.clock = Clock()
        self.calls: list[Call] = []
        self.struck = 0
        self.healed = False  # what was denied is permitted again
        self._other = other
        self._run_id: int | None = None
        self._counts: Counter[str] = Counter()
        self.memory = memory or Memory()
        self._behind: Counter[str] = Counter()  # reads for which AWS is behind, by name; "" is for all names
        self._late: list[Send] = []

    @contextlib.contextmanager
    def installed(self) -> Iterator[Injector]:
        real = session._send

        def send(target: Any, service: str, operation: str, parameters: Any, **how: Any) -> Any:
            call = self._named(_place(target), operation, parameters)
            return self._meet(call, service, lambda: real(target, service, operation, parameters, **how))

        change = session._change

        def before(target: Any, service: str, operation: str, parameters: Any, **how: Any) -> Any:
            self._stop_before(_place(target), operation, parameters)
            return change(target, service, operation, parameters, **how)

        with (
            patch.object(session, "_send", send),
            patch.object(session, "_change", before),
            patch.object(Tick, "_look", _noted(Tick._look)),
            self.clock.worn(),
        ):
            yield self

    def follow(self, run_id: int) -> None:
        """From now on calls are this run's; until then they are those of planning it."""
        self._run_id = run_id

    def _named(self, place: str, operation: str, parameters: Any) -> Call:
        call = self._next(place, operation, parameters)
        _leave()
        self._counts[call.name] += 1
        self.calls.append(call)
        return call

    def _next(self, place: str, operation: str, parameters: Any) -> Call:
        phase, step, run = PLANNING, "-", None
        if self._run_id is not None:
            known = _at.look if _at.run == self._run_id else None  # what puts it right later is another's look
            phase, step, goes_on = known or _where(self._run_id)
            run = self._run_id if goes_on else None
        call = Call(phase, step, operation, about(parameters), 0, run, asked=f"{place} {parameters!r}")
        return replace(call, ordinal=self._counts[call.name] + 1)

    def _stop_before(self, place: str, operation: str, parameters: Any) -> None:
        """Stops a worker that is about to change something, before it makes sure of its lease.

        Between that and the sending nothing of ours can see that the lease is over; see docs/explanation/safety.md.
        """
        meant = self.fault and self.fault.name == "stop-before" and not self.struck
        if meant and self._next(place, operation, parameters) == self.at:
            self.struck += 1
            self._stopped()

    def _meet(self, call: Call, service: str, send: Send) -> Any:
        if self._denied(call) or self._goes_on(call) or (self.at == call and not self.struck):
            self.struck += 1
            assert self.fault
            return self._strike(self.fault.name, call, service, send)
        return self._pass(call, service, send)

    def _denied(self, call: Call) -> bool:
        lasting = self.fault is not None and self.fault.name == "deny" and self.struck > 0
        return lasting and not self.healed and self.at is not None and call.operation == self.at.operation

    def _goes_on(self, call: Call) -> bool:
        """Whether a fault that lasts for several tries of a call strikes at the next one."""
        if not (self.struck and self.fault and self.at):
            return False
        return call.name == self.at.name and self.struck < self.fault.times

    def _strike(self, fault: str, call: Call, service: str, send: Send) -> Any:
        if fault in {"throttle", "server-error", "deny"}:
            raise translate(answers.refusal(service, call.operation, fault), call.operation)
        if fault == "cut":
            raise translate(answers.lost(fault), call.operation)
        if fault == "kill-before":
            raise Died
        if fault == "stop-before":
            self._stopped()
            return self._pass(call, service, send)
        if fault == "late":
            self._late.append(lambda: self._pass(call, service, send))
            raise translate(answers.lost(fault), call.operation)
        if fault in {"stale", "untagged"}:
            return self._stale(call, service, send)
        return self._after(fault, call, service, self._pass(call, service, send))

    def _after(self, fault: str, call: Call, service: str, answer: Any) -> Any:
        """Faults that strike once a call took effect."""
        if fault == "kill-after":
            raise Died
        if fault == "error-after":
            raise translate(answers.refusal(service, call.operation, fault), call.operation)
        if fault == "cut-after":
            raise translate(answers.lost(fault), call.operation)
        if fault == "stop-after":
            self._stopped()
        if fault == "delay":
            self.clock.sleep(SLOW)
        return answer

    def _stopped(self) -> None:
        """The lease ends, another worker goes on; then this one wakes up, and its clock shows what it missed."""
        Run.objects.filter(pk=self._run_id).update(lease_until=None, lease_owner="")
        other = threading.Thread(target=self._other)
        other.start()
        other.join()
        self.clock.sleep(LEASE)

    def _stale(self, call: Call, service: str, send: Send) -> Any:
        """A read, and those like it that follow, answer what was so before; a change is not shown by any read."""
        if call.changing:
            self._behind[""] = 1
            return self._pass(call, service, send)
        self._behind[_read(call)] = SHOWN_LATE
        return self._pass(call, service, send)

    def _pass(self, call: Call, service: str, send: Send) -> Any:
        if not call.operation.startswith(READING):
            with self.watch.change(call, service):
                answer = send()
            self.memory.changed()
            return answer
        answer = send()
        self.memory.keep(call, answer)
        shown = self._shown(call, answer)
        late, self._late = self._late, []
        for effect in late:
            with contextlib.suppress(Exception):  # whoever asked for it has gone: nobody hears what comes of it
                effect()
        return shown

    def _shown(self, call: Call, answer: Any) -> Any:
        """What AWS shows of the true answer."""
        key = _read(call)
        if self._behind[""] and key not in self._behind:
            self._behind[key] = SHOWN_LATE
        if self._behind[key] <= 0:
            return answer
        self._behind[key] -= 1
        assert self.fault
        return untagged(answer) if self.fault.name == "untagged" else self.memory.behind(call, answer)


class _At(threading.local):
    """Where the look is that this thread takes: of which run, its phase and step, and that the run goes on."""

    run: int | None = None
    look: tuple[str, str, bool] | None = None


_at = _At()


def _noted(look: Callable[..., Any]) -> Callable[..., Any]:
    def noted(tick: Tick, step: Any, *args: Any) -> Any:
        _at.run = tick.lease.run.pk
        _at.look = (str(tick.lease.run.phase), f"{step.position}.{step.kind}", True)
        try:
            return look(tick, step, *args)
        finally:
            _at.look = None

    return noted


_AT = """
    SELECT r.phase, r.position, r.ended_at IS NULL, s.kind
    FROM workflows_run r LEFT JOIN workflows_step s ON s.run_id = r.id AND s.position = r.position WHERE r.id = %s
"""


def _where(run_id: int) -> tuple[str, str, bool]:
    """Phase and step of a run, and whether it goes on: of calls beside a look at a step."""
    with connection.cursor() as cursor:
        cursor.execute(_AT, [run_id])
        phase, position, goes_on, kind = cursor.fetchone()
    # of no kind: its turn has come, and it is being planned
    step = f"{position}.{kind}" if kind and phase != "settle" else "-"
    return phase, step, goes_on


def _leave() -> None:
    """A thread that reads beside others for a plan ends soon: its connection with the database would outlive it."""
    if threading.current_thread().name.startswith((SIDE_BY_SIDE, THREADS)):
        connection.close()


def _place(target: Any) -> str:
    """Account and region: two accounts are shown the same AMI differently."""
    return f"{target.account} {target.region}"


def _read(call: Call) -> str:
    """What a read asks, wherever it asks it."""
    return f"{call.operation}/{call.asked}"
