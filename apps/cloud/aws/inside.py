"""EC2: what an instance printed, and what it was started with. Both may hold secrets."""

from __future__ import annotations

import base64
import binascii

from apps.cloud.aws.session import call
from apps.cloud.values import Target

SERVICE = "ec2"


def console_output(target: Target, instance: str, *, latest: bool = False) -> str:
    """The last 64 KB that the instance printed; empty until AWS has any. Raises NotFound.

    `latest`: up to now, not as AWS last posted it; raises Invalid (UnsupportedOperation) for types that cannot tell.
    """
    answer = call(target, SERVICE, "GetConsoleOutput", InstanceId=instance, Latest=latest or None)
    return str(answer.get("Output") or "")


def user_data(target: Target, instance: str) -> str:
    """The instance's user data, decoded as far as it is text; empty when it has none. Raises NotFound."""
    answer = call(target, SERVICE, "DescribeInstanceAttribute", InstanceId=instance, Attribute="userData")
    return _decoded((answer.get("UserData") or {}).get("Value") or "")


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode(errors="replace")
    except binascii.Error:
        return encoded
