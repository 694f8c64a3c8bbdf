"""What can be chosen when an embedded cloud is started; every option has a default that suits a demonstration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DESCRIPTION = "localcloud.json"  # in the work folder: where the cloud is and its root key


def _option(default: Any, told: str, lite: Any = None) -> Any:
    """`lite` is the default in lite mode, where it is another one."""
    in_lite = f"; {lite} in lite mode" if lite is not None else ""
    told = f"{told} (default: {default or 'off'}{in_lite})"
    return field(default=default, metadata={"help": told, "lite": default if lite is None else lite})


@dataclass(frozen=True)
class Options:
    work: Path
    account: str = _option("100000000000", "the root key's own account; others are reached by AssumeRole")
    boot_seconds: float = _option(1.5, "how long a machine takes before its user data runs", lite=0.02)
    health_check_divisor: float = _option(
        1.0, "target groups' health check intervals and time-outs are divided by this; deregistration delays are not"
    )
    scaling_divisor: float = _option(
        1.0,
        "minutes of alarms, cooldowns, warm-ups, hooks and schedules are divided by this, for tests",
    )
    put_aws_metrics: bool = _option(False, "PutMetricData takes AWS's own namespaces too, for tests without traffic")
    stop_grace: float = _option(5.0, "seconds an instance's service has between SIGTERM and SIGKILL")
    image_seconds: float = _option(1.0, "how long CreateImage and CopyImage stay pending", lite=0.02)
    external_id: str = _option("", "AssumeRole is refused without this external id")
    notice_exit: bool = _option(False, "a service that ends fails its machine's status checks at once")
    lite: bool = _option(False, "no processes and no traffic: machines run and targets are healthy within milliseconds")
    keep: bool = _option(False, "go on after a restart where it was stopped")
    terminated_visible_seconds: float = _option(3600.0, "how long terminated instances are still described", lite=60.0)
