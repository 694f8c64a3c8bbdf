"""KMS: whose a key is, and whom its policy and grants let use it. Looked at only."""

from __future__ import annotations

import json
from typing import Any

from apps.cloud.aws.session import call, pages
from apps.cloud.errors import Invalid
from apps.cloud.values import KeyGrant, KeyState, Target

SERVICE = "kms"
POLICY = "default"  # the only name that a key's policy can have


def describe_key(target: Target, key: str) -> KeyState:
    """DescribeKey, by ARN, id or alias. Raises NotFound, and Denied where the role may not look."""
    shape = call(target, SERVICE, "DescribeKey", KeyId=key)["KeyMetadata"]
    return KeyState(
        arn=shape["Arn"],
        account=shape.get("AWSAccountId", ""),
        of_aws=shape.get("KeyManager") == "AWS",
        state=shape.get("KeyState", ""),
    )


def key_policy(target: Target, key: str) -> dict[str, Any]:
    """GetKeyPolicy: the policy document of a key of the target's account. Raises NotFound, Denied, and Invalid."""
    text = call(target, SERVICE, "GetKeyPolicy", KeyId=key, PolicyName=POLICY)["Policy"]
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Invalid(f"The policy of the key {key} could not be read: {error}", operation="GetKeyPolicy") from error
    return found if isinstance(found, dict) else {}


def key_grants(target: Target, key: str) -> tuple[KeyGrant, ...]:
    """ListGrants: who was given which operations on a key, beside its policy. Raises NotFound, and Denied."""
    return tuple(
        KeyGrant(shape.get("GranteePrincipal", ""), tuple(shape.get("Operations") or ()))
        for answer in pages(target, SERVICE, "ListGrants", KeyId=key)
        for shape in answer["Grants"]
    )
