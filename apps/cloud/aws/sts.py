"""STS: who we are in an account."""

from __future__ import annotations

from apps.cloud.aws.session import call
from apps.cloud.values import CallerIdentity, Target


def caller_identity(target: Target) -> CallerIdentity:
    """The account and role AWS takes us for; fails as every other call would (Denied, Unavailable)."""
    answer = call(target, "sts", "GetCallerIdentity")
    return CallerIdentity(account=answer["Account"], arn=answer["Arn"], user_id=answer["UserId"])
