"""A fleet and a data plane of timers only, for scale tests and for matrices of thousands of pushes: no process, no
thread, no traffic; everything is done by the engine's one thread, within milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from apps.localcloud.interfaces import (
    SWITCHED_OFF,
    DataPlaneConfig,
    Health,
    InstanceSpec,
    TargetGroupConfig,
    TargetReading,
    Traffic,
)
from apps.localcloud.scheduler import Scheduler

_CHECK_SECONDS = 0.005  # from a target's registration to its first health check
_PRINTS = "# lite: prints "  # in user data: what its machine prints, a line each, before it switches itself off
_Key = tuple[str, str, int]

_INITIAL = TargetReading(Health.INITIAL, "Elb.InitialHealthChecking", "Initial health checks in progress")
_HEALTHY = TargetReading(Health.HEALTHY)
_UNHEALTHY = TargetReading(
    Health.UNHEALTHY, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"
)
_DRAINING = TargetReading(Health.DRAINING, in_flight=1)  # so that draining takes as long as was asked for
_UNUSED = TargetReading(Health.UNUSED)


class LiteFleet:
    """Instances that run when their boot time has passed and never fail by themselves. User data is not run, but its
    lines `# lite: prints TEXT` are what such a machine prints, and then it switches itself off.
    """

    def __init__(
        self, scheduler: Scheduler, on_running: Callable[[str], None], on_exit: Callable[[str, int], None]
    ) -> None:
        self._scheduler = scheduler
        self._on_running = on_running
        self._on_exit = on_exit
        self._alive: dict[str, InstanceSpec] = {}
        self._trees: set[str] = set()  # ids of those that could be captured, running or stopped
        self._printed: dict[str, bytes] = {}  # by id, of those that print

    def start(self, spec: InstanceSpec) -> None:
        lines = (line.strip() for line in spec.user_data.splitlines())
        told = [line.removeprefix(_PRINTS) for line in lines if line.startswith(_PRINTS)]
        self._alive[spec.instance_id] = spec
        self._trees.add(spec.instance_id)

        def up() -> None:
            if self._alive.get(spec.instance_id) is spec:
                self._on_running(spec.instance_id)
                if told:
                    self._printed[spec.instance_id] = "".join(f"{line}\n" for line in told).encode()
                    self._end(spec.instance_id, SWITCHED_OFF)

        self._scheduler.after(spec.boot_seconds, up, kept=False)

    def stop(self, instance_id: str, grace: float = 10.0, *, keep: bool = False) -> None:
        if not keep:
            self._trees.discard(instance_id)
        if instance_id in self._alive:
            self._end(instance_id, 0)

    def _end(self, instance_id: str, status: int) -> None:
        del self._alive[instance_id]
        self._scheduler.after(0, lambda: self._on_exit(instance_id, status), kept=False)

    def capture(self, instance_id: str, destination: Path) -> None:
        if instance_id not in self._trees:
            raise KeyError(instance_id)
        destination.mkdir(parents=True)

    def console_output(self, instance_id: str) -> bytes:
        runs = f"{instance_id} runs\n".encode() if instance_id in self._alive else b""
        return runs + self._printed.get(instance_id, b"")

    def pid(self, instance_id: str) -> int | None:
        return None

    def close(self) -> None:
        self._alive.clear()
        self._trees.clear()


class LiteDataPlane:
    """Load balancers whose targets are healthy a few milliseconds after registration, unless `faulty(target id)`.

    A configuration is compared group by group, by identity: only what was planned anew is looked at again.
    """

    def __init__(self, scheduler: Scheduler, faulty: Callable[[str], bool]) -> None:
        self._scheduler = scheduler
        self._faulty = faulty
        self._groups: dict[str, tuple[TargetGroupConfig, bool]] = {}  # by ARN, and whether a rule forwards to it
        self._readings: dict[_Key, TargetReading] = {}
        self._told: dict[_Key, TargetReading] | None = None  # a copy of the readings, as long as none has changed
        self._unchecked: set[_Key] = set()

    def apply(self, config: DataPlaneConfig) -> None:
        used = {arn for listener in config.listeners for rule in listener.rules for arn, _ in rule.forward}
        groups = {group.arn: (group, group.arn in used) for group in config.target_groups}
        before, self._groups = self._groups, groups
        for arn in before.keys() - groups.keys():
            self._forget(before[arn][0], frozenset())
        for arn, (group, is_used) in groups.items():
            known = before.get(arn)
            if known is not None and known[0] is group and known[1] == is_used:
                continue
            keys = frozenset((arn, target.id, target.port) for target in group.targets)
            if known is not None:
                self._forget(known[0], keys)
            self._settle(group, is_used)
        self._told = None
        if self._unchecked:
            self._scheduler.after(_CHECK_SECONDS, self._check, key="lite health checks", kept=False)

    def _forget(self, group: TargetGroupConfig, kept: frozenset[_Key]) -> None:
        for target in group.targets:
            key = (group.arn, target.id, target.port)
            if key not in kept:
                self._readings.pop(key, None)
                self._unchecked.discard(key)

    def _settle(self, group: TargetGroupConfig, used: bool) -> None:
        for target in group.targets:
            key = (group.arn, target.id, target.port)
            if target.draining or not used:
                self._readings[key] = _DRAINING if target.draining else _UNUSED
                self._unchecked.discard(key)
                continue
            if self._readings.get(key) not in (_HEALTHY, _UNHEALTHY):
                self._readings[key] = _INITIAL
            self._unchecked.add(key)

    def _check(self) -> None:
        for key in self._unchecked:
            self._readings[key] = _UNHEALTHY if self._faulty(key[1]) else _HEALTHY
        self._unchecked.clear()
        self._told = None

    def health(self) -> Mapping[_Key, TargetReading]:
        """The same object as long as nothing has changed."""
        if self._told is None:
            self._told = dict(self._readings)
        return self._told

    def traffic(self) -> list[Traffic]:
        return []

    def failures(self) -> Mapping[tuple[str, int], str]:
        return {}

    def close(self) -> None:
        self._groups.clear()
        self._readings.clear()
