"""The console's own credentials and endpoint, as its environment gives them; and what its processes remember."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, MutableMapping
from typing import Any
from unittest.mock import patch

from apps.cloud.aws import ec2, launching, pace, quotas
from apps.localcloud.launch import RunningCloud


@contextlib.contextmanager
def aws(cloud: RunningCloud) -> Iterator[None]:
    """Within, botocore finds this cloud."""
    given = {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": cloud.access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.secret_access_key,
    }
    with patch.dict(os.environ, given):
        yield


UNPACED = 1e6  # calls a second
_REMEMBERED: tuple[MutableMapping[Any, Any], ...] = (ec2._types, launching._offered, quotas._quotas)


def forget() -> None:
    """Empties what a process remembers of AWS for longer than one request, and lets it make calls as fast as it can.

    So every operation makes the same calls, and none is slowed down by what throttled the one before.
    """
    for memory in _REMEMBERED:
        memory.clear()
    pace.configure("", pace.Rates(UNPACED, UNPACED))
