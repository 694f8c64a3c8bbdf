"""Strikes at one AWS call of one run where it passes the proxy, whichever worker process makes it."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.utils import timezone

from apps.workflows.models import Run, Step
from tests.faults import answers
from tests.faults.calls import PLANNING, READING, Call, about
from tests.faults.proxy import Answer, Request, refusal, without_tags
from tests.faults.stage import Worker
from tests.faults.stale import SHOWN_LATE
from tests.faults.watch import Watch

ANY = "api-prod"  # stands in names of calls for the name of any cluster
SLOW = 9.0  # seconds
TAKEN_OVER_WITHIN = 40.0  # seconds: what is left of a lease, and then some
WENT_ON_WITHIN = 10.0
TIMES = {"throttle": 6, "server-error": 2, "cut": 2, "deny": 6, "stale": SHOWN_LATE, "untagged": SHOWN_LATE}
REFUSED = frozenset({"throttle", "server-error", "deny"})
PICKED_UP_WITHIN = 15.0  # seconds after a dead worker's lease has ended


class Striker:
    """`names` are the cluster and other texts by which a request is known to be about it."""

    def __init__(self, watch: Watch, names: tuple[str, ...], at: Call | None, fault: str) -> None:
        self.watch = watch
        self.at = at
        self.fault = fault
        self.calls: list[Call] = []
        self.struck = 0
        self.run_id: int | None = None
        self.owner = ""  # the worker that was stopped or killed
        self._cluster = names[0]
        self._names = tuple(name.encode() for name in names)
        self._instances: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._shown: dict[str, list[tuple[int, bytes]]] = defaultdict(list)  # true answers, with the changes before
        self._changes = 0
        self._held: list[Callable[[], bytes]] = []  # changes that come after the next look
        self._watching: threading.Thread | None = None
        self._late = ""  # a dead worker's run that was picked up too late

    def owns(self, request: Request) -> bool:
        ending = request.operation == "TerminateInstanceInAutoScalingGroup"  # it names the instance, and nothing else
        named = any(name in request.raw for name in self._names)
        return self._has(request.parameters["InstanceId"]) if ending else named

    def _has(self, instance: str) -> bool:
        """Whether the instance is of one of the cluster's groups."""
        if instance not in self._instances:
            found = (member for group in self.watch.account.groups() for member in group["Instances"])
            self._instances |= {member["InstanceId"] for member in found}
        return instance in self._instances

    def meet(self, worker: Worker, request: Request, send: Callable[[], bytes]) -> Answer:
        """What the worker gets for its request; None cuts its connection."""
        try:
            with self._lock:
                call = self._named(request)
                strikes = self.at is not None and self._strikes(call)
                self.struck += strikes
            return self._strike(worker, call, request, send) if strikes else self._pass(call, request, send)
        finally:
            connection.close()

    def _named(self, request: Request) -> Call:
        phase, step, run = PLANNING, "-", None
        if self.run_id is not None:
            phase, position, ended = Run.objects.values_list("phase", "position", "ended_at").get(pk=self.run_id)
            run = None if ended else self.run_id
            found = Step.objects.filter(run_id=self.run_id, position=position).first()
            step = f"{position}.{found.kind}" if found and phase != "settle" else "-"
        names = about(request.parameters).replace(self._cluster, ANY)
        name = Call(phase, step, request.operation, names, 0).name
        self._counts[name] += 1
        call = Call(phase, step, request.operation, names, self._counts[name], run)
        self.calls.append(call)
        return call

    def _strikes(self, call: Call) -> bool:
        assert self.at
        if self.struck:
            return call.name == self.at.name and self.struck < TIMES.get(self.fault, 1)
        return call == self.at

    def _strike(self, worker: Worker, call: Call, request: Request, send: Callable[[], bytes]) -> Answer:
        fault = self.fault
        if fault in REFUSED:
            code, status = answers.code(request.service, fault)
            return refusal(request.service, code, status, answers.message(call.operation, fault))
        if fault == "cut":
            return None
        if fault == "kill-before":
            self._kill(worker)
            return None
        if fault == "stop-before":
            worker.signal(signal.SIGSTOP)
            self._wake(worker)  # meanwhile the request is held up here, and it never leaves
            return None
        if fault == "late":
            self._held.append(lambda: self._pass(call, request, request.deliver))
            return None
        if fault == "stop-after":
            worker.signal(signal.SIGSTOP)
            threading.Thread(target=self._wake, args=[worker], daemon=True).start()
            return self._pass(call, request, send)
        return self._after(worker, call, request, self._pass(call, request, send))

    def _after(self, worker: Worker, call: Call, request: Request, answer: bytes) -> Answer:
        """Faults that strike once a call took effect."""
        fault = self.fault
        if fault in {"stale", "untagged"}:
            return self._behind(call, answer)
        if fault == "kill-after":
            self._kill(worker)
            return None
        if fault == "delay":
            time.sleep(SLOW)
            return answer
        if fault == "error-after":
            code, status = answers.code(request.service, fault)
            return refusal(request.service, code, status, answers.message(call.operation, fault))
        if fault != "cut-after":
            raise ValueError(f"the proxy has no fault {fault}")
        return None

    def _behind(self, call: Call, answer: bytes) -> bytes:
        """What AWS showed before the last change, or the groups without their tags."""
        if self.fault == "untagged":
            return without_tags(answer)
        older = [shown for changes, shown in self._shown[_asked(call)] if changes < self._changes]
        return older[-1] if older else answer

    def _kill(self, worker: Worker) -> None:
        """Kills it, and watches when another one takes its run over."""
        token, lease = Run.objects.values_list("lease_token", "lease_until").get(pk=self.run_id)
        worker.kill()
        if lease:
            self._watching = threading.Thread(target=self._picked_up, args=[token, lease], daemon=True)
            self._watching.start()

    def _picked_up(self, token: int, lease: datetime) -> None:
        try:
            if not self._until(lambda: self._run()[0] != token, TAKEN_OVER_WITHIN + PICKED_UP_WITHIN):
                self._late = "nobody took the dead worker's run over"
            elif (late := (timezone.now() - lease).total_seconds()) > PICKED_UP_WITHIN:
                self._late = f"the dead worker's run was taken over {late:.1f} s after its lease had ended"
        finally:
            connection.close()

    @property
    def late(self) -> str:
        """What was wrong with how a dead worker's run was taken over; empty if nothing was."""
        if self._watching:
            self._watching.join()
        return self._late

    def _pass(self, call: Call, request: Request, send: Callable[[], bytes]) -> bytes:
        if call.operation.startswith(READING):
            answer = send()
            self._shown[_asked(call)].append((self._changes, answer))
            held, self._held = self._held, []
            for deliver in held:
                with contextlib.suppress(OSError):  # whoever asked for it has gone: nobody hears what comes of it
                    deliver()
            return answer
        with self.watch.change(call, request.service):
            answer = send()
        self._changes += 1
        return answer

    def _wake(self, worker: Worker) -> None:
        """Lets a stopped worker continue once another one has taken its run over and come further, or ended it."""
        try:
            token = self._run()[0]
            taken = self._until(lambda: self._run()[0] != token, TAKEN_OVER_WITHIN)
            at = self._run()[1:]
            if taken:
                self._until(lambda: self._run()[1:] != at, WENT_ON_WITHIN)
        finally:
            worker.signal(signal.SIGCONT)
            connection.close()

    def _run(self) -> tuple[int, str, int]:
        found: tuple[int, str, int] = Run.objects.values_list("lease_token", "phase", "position").get(pk=self.run_id)
        return found

    def _until(self, holds: Callable[[], bool], within: float) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if holds():
                return True
            time.sleep(0.2)
        return False


def _asked(call: Call) -> str:
    return f"{call.operation}/{call.about}"
