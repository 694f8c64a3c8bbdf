"""Where a call goes: which account, by which role, in which region."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One account and region. An empty `role_arn` means: with the console's own credentials."""

    account: str  # 12 digits
    region: str
    role_arn: str = ""
    external_id: str = ""
