"""Volumes encrypted with a key of the customer's own: Auto Scaling launches with them only where the key lets it, and
only such snapshots can be shared with another account.

As Auto Scaling's user guide says ("KMS key policy for encrypted volumes"): the key's policy, or a grant, gives the
service-linked role the use of the key, and to create grants for AWS's own services.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps.localcloud.errors import AwsError
from apps.localcloud.iam.policies import ALLOWED, Statement, decide, statements
from apps.localcloud.iam.service_role import RESOURCE

NEEDED = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
AWS_OWN = "alias/aws/"  # keys that AWS manages are open to the role of their account
AWS = "AWS"  # KeyManager of these
_CONTEXT = {"kms:grantisforawsresource": ("true",)}


def check_keys(account: str, region: str, volumes: Iterable[Mapping[str, Any]]) -> None:
    """Raises AwsError for a volume's key that the account's service-linked role for Auto Scaling may not use."""
    role = f"arn:aws:iam::{account}:{RESOURCE}"
    named = {str(one["Ebs"].get("KmsKeyId") or AWS_OWN) for one in volumes}
    for key_id in sorted(each for each in named if AWS_OWN not in each):
        key = _key(account, region, key_id)
        if key is not None and key.key_manager == AWS and key.arn.split(":")[4] == account:
            continue
        if key is None or any(not _may(key, role, action) for action in NEEDED):
            raise AwsError(
                "Client.InvalidKMSKey.InvalidState",
                f"Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state: {key_id}",
            )


def key_of_aws(snapshot: Any) -> bool:
    """Whether one of moto's snapshots is encrypted with the key that AWS manages, aws/ebs."""
    if not snapshot.encrypted:
        return False
    key = _key(snapshot.owner_id, snapshot.ec2_backend.region_name, str(snapshot.kms_key_id or ""))
    return key is not None and key.key_manager == AWS


def arn_of(account: str, region: str, key_id: str) -> str:
    """The ARN of a key that is named by id, alias or ARN. Raises AwsError where there is none."""
    key = _key(account, region, key_id)
    if key is None:
        raise AwsError("InvalidParameterValue", f"Value ({key_id}) for parameter KmsKeyId is invalid.")
    return str(key.arn)


def _key(account: str, region: str, key_id: str) -> Any | None:
    """moto's key, by id, alias or ARN, which may be another account's; None when there is none."""
    from moto.kms.models import kms_backends  # with cryptography, which few clouds need

    home = kms_backends[key_id.split(":")[4] if key_id.startswith("arn:") else account][region]
    name = key_id.rpartition(":")[2]  # "key/..." or "alias/..." of an ARN, else as it was given
    if name.startswith("alias/"):
        return home.keys.get(home.get_key_id_from_alias(name) or "")
    return home.keys.get(name.removeprefix("key/"))


def _may(key: Any, role: str, action: str) -> bool:
    if any(grant.grantee_principal == role and action[4:] in grant.operations for grant in key.grants.values()):
        return True
    return decide(_of(key.policy, role), action, key.arn, _CONTEXT)[0] == ALLOWED


def _of(policy: str, role: str) -> Iterator[Statement]:
    """Those of a key policy's statements that speak of the role itself: what they leave to IAM it has no policy for."""
    for each in statements("key", json.loads(policy)):
        named = each.raw.get("Principal") or {}
        found = named.get("AWS", []) if isinstance(named, Mapping) else named
        principals = [found] if isinstance(found, str) else found
        if role in principals or "*" in principals:
            yield each
