"""AWSServiceRoleForAutoScaling: AWS makes it in an account with its first group, if whoever makes that may."""

from __future__ import annotations

from dataclasses import dataclass

from apps.localcloud.cloud import Cloud
from apps.localcloud.iam.roles import find

NAME = "AWSServiceRoleForAutoScaling"
RESOURCE = f"role/aws-service-role/autoscaling.amazonaws.com/{NAME}"


@dataclass
class ServiceRole:
    made: bool = False  # by the account's first group


def has_service_role(cloud: Cloud, account: str) -> bool:
    """Whether the account has the role: it had a group, or somebody made the role itself."""
    return cloud.state(ServiceRole, account, "").made or find(account, NAME) is not None


def note_group(cloud: Cloud, account: str) -> None:
    """The account has a group, and with it the role."""
    cloud.state(ServiceRole, account, "").made = True
