"""IAM instance profiles: an instance carries one only if it exists, as on AWS."""

from __future__ import annotations

from collections.abc import Mapping

from moto.iam.models import iam_backends

from apps.localcloud.errors import AwsError


def require_profile(account: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The profile that `wanted` (Name or Arn) means, as instances show it. Raises AwsError."""
    name, arn = wanted.get("Name"), wanted.get("Arn")
    for profile in iam_backends[account]["aws"].get_instance_profiles():
        if name == profile.name or (arn and arn == profile.arn):
            return {"Arn": profile.arn, "Id": profile.id}
    part = "name" if name else "arn"
    raise AwsError(
        "InvalidParameterValue",
        f"Value ({name or arn}) for parameter iamInstanceProfile.{part} is invalid."
        f" Invalid IAM Instance Profile {'name' if name else 'ARN'}",
    )
