"""Telling whether AWS carried a launch template over, without keeping what may be secret in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digests(data: Mapping[str, Any]) -> dict[str, str]:
    """A digest of each member of LaunchTemplateData but the AMI."""
    return {
        member: hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
        for member, value in data.items()
        if member != "ImageId"
    }
