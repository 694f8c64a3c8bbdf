"""Keys of KMS."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyState:
    """A key in KMS. `of_aws` are those that AWS manages itself, as `aws/ebs`: nobody can share them."""

    arn: str
    account: str  # that it belongs to
    of_aws: bool
    state: str  # Enabled, Disabled, PendingDeletion, ...


@dataclass(frozen=True)
class KeyGrant:
    """What somebody may do with a key by a grant; operations are KMS's names, as `Decrypt`."""

    grantee: str  # ARN
    operations: tuple[str, ...]
