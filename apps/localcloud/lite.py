"""A fleet and a data plane of timers only: for scale tests, where thousands of processes would say nothing new."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from apps.localcloud.interfaces import DataPlaneConfig, Health, InstanceSpec, TargetReading, Traffic


class LiteFleet:
    """Instances that run when their boot time has passed and never fail by themselves."""

    def __init__(self, on_running: Callable[[str], None], on_exit: Callable[[str, int], None]) -> None:
        self._on_running = on_running
        self._on_exit = on_exit
        self._timers: dict[str, threading.Timer] = {}
        self._images: dict[str, Path] = {}

    def start(self, spec: InstanceSpec) -> None:
        timer = threading.Timer(spec.boot_seconds, self._on_running, [spec.instance_id])
        timer.daemon = True
        self._timers[spec.instance_id] = timer
        timer.start()

    def stop(self, instance_id: str, grace: float = 10.0) -> None:
        timer = self._timers.pop(instance_id, None)
        if timer is not None:
            timer.cancel()
            end = threading.Timer(0.0, self._on_exit, [instance_id, 0])
            end.daemon = True
            end.start()

    def capture(self, instance_id: str, destination: Path) -> None:
        if instance_id not in self._timers:
            raise KeyError(instance_id)
        destination.mkdir(parents=True)

    def console_output(self, instance_id: str) -> bytes:
        return b""

    def pid(self, instance_id: str) -> int | None:
        return None

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


class LiteDataPlane:
    """Load balancers whose every used target is healthy."""

    def __init__(self) -> None:
        self._config = DataPlaneConfig()

    def apply(self, config: DataPlaneConfig) -> None:
        self._config = config

    def health(self) -> Mapping[tuple[str, str, int], TargetReading]:
        used = {arn for listener in self._config.listeners for rule in listener.rules for arn, _ in rule.forward}
        return {
            (group.arn, target.id, target.port): TargetReading(_state(target.draining, group.arn in used))
            for group in self._config.target_groups
            for target in group.targets
        }

    def traffic(self) -> list[Traffic]:
        return []

    def failures(self) -> Mapping[tuple[str, int], str]:
        return {}

    def close(self) -> None:
        self._config = DataPlaneConfig()


def _state(draining: bool, used: bool) -> Health:
    if draining:
        return Health.DRAINING
    return Health.HEALTHY if used else Health.UNUSED
