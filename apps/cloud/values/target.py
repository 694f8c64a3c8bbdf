"""Where a call goes: which account, by which role, in which region; and who one is there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One account and region. An empty `role_arn` means: with the console's own credentials."""

    account: str  # 12 digits
    region: str
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class CallerIdentity:
    """Whom AWS takes us for."""

    account: str
    arn: str
    user_id: str
