"""The interface's values as JSON, for the way between the control process and the data plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from apps.localcloud.frames import Json
from apps.localcloud.interfaces import (
    DataPlaneConfig,
    Health,
    HealthCheck,
    ListenerConfig,
    Rule,
    Target,
    TargetGroupConfig,
    TargetReading,
    Traffic,
)

Readings = Mapping[tuple[str, str, int], TargetReading]


def encode_config(config: DataPlaneConfig) -> Json:
    """A configuration as plain JSON values."""
    return asdict(config)


def decode_config(raw: Json) -> DataPlaneConfig:
    """The configuration that `encode_config` was given."""
    return DataPlaneConfig(
        listeners=tuple(_listener(item) for item in raw["listeners"]),
        target_groups=tuple(_group(item) for item in raw["target_groups"]),
    )


def _listener(raw: Json) -> ListenerConfig:
    rules = tuple(_rule(item) for item in raw["rules"])
    return ListenerConfig(raw["load_balancer"], raw["address"], raw["port"], rules, raw["tcp"], raw["tls"])


def _rule(raw: Json) -> Rule:
    fixed = raw["fixed"]
    return Rule(
        priority=raw["priority"],
        path_patterns=tuple(raw["path_patterns"]),
        host_headers=tuple(raw["host_headers"]),
        headers=tuple((name, tuple(patterns)) for name, patterns in raw["headers"]),
        forward=tuple((arn, weight) for arn, weight in raw["forward"]),
        fixed=(fixed[0], fixed[1], fixed[2]) if fixed else None,
    )


def _group(raw: Json) -> TargetGroupConfig:
    return TargetGroupConfig(
        arn=raw["arn"],
        targets=tuple(Target(**item) for item in raw["targets"]),
        health_check=HealthCheck(**raw["health_check"]),
        deregistration_delay=raw["deregistration_delay"],
        fail_open=raw["fail_open"],
    )


def encode_readings(readings: Readings) -> list[list[Any]]:
    """Health readings as rows, one a target."""
    return [[*key, item.state, item.reason, item.description, item.in_flight] for key, item in readings.items()]


def decode_readings(rows: list[list[Any]]) -> dict[tuple[str, str, int], TargetReading]:
    """The readings that `encode_readings` was given."""
    return {
        (arn, target, port): TargetReading(Health(state), reason, description, in_flight)
        for arn, target, port, state, reason, description, in_flight in rows
    }


def encode_traffic(rows: list[Traffic]) -> list[Json]:
    """Counters as plain JSON values."""
    return [asdict(row) for row in rows]


def decode_traffic(rows: list[Json]) -> list[Traffic]:
    """The counters that `encode_traffic` was given."""
    return [Traffic(**row) for row in rows]
