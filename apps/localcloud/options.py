"""What can be chosen when an embedded cloud is started; every option has a default that suits a demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = "localcloud.json"  # in the work folder: where the cloud is and its root key


@dataclass(frozen=True)
class Options:
    work: Path
    account: str = "100000000000"  # the account of the root key itself; others are reached by AssumeRole
    boot_seconds: float = 1.5
    health_check_divisor: float = 1.0  # health check intervals and time-outs are divided by this, nothing else is
    stop_grace: float = 5.0  # seconds an instance's service has between SIGTERM and SIGKILL
    image_seconds: float = 1.0  # how long CreateImage and CopyImage stay pending
    external_id: str = ""  # when set, AssumeRole is refused without it
    notice_exit: bool = False  # the end of a service counts as the machine's failure at once, without health checks
    lite: bool = False  # no processes and no traffic: instances run and targets are healthy by timer (scale tests)
    terminated_visible_seconds: float = 3600.0  # terminated instances are described for this long, as on AWS
