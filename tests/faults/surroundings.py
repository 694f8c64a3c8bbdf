"""The console's own credentials and endpoint, as its environment gives them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from unittest.mock import patch

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
