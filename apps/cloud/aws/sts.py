"""STS: who we are in an account."""

from __future__ import annotations

from apps.cloud.aws.session import call
from apps.cloud.values import CallerIdentity, Target


def caller_identity(target: Target) -> CallerIdentity:
    """The account and role AWS takes us for; fails as every other call would (Denied, Unavailable)."""
    answer = call(target, "sts", "GetCallerIdentity")
    return CallerIdentity(account=answer["Account"], arn=answer["Arn"], user_id=answer["UserId"])


def principal(target: Target) -> str:
    """The ARN of the user or role whose policies hold for our calls; empty for an account's root, which may do all.

    A role's path is not told by its session: a role that has one must be named by the environment.
    """
    if target.role_arn:
        return target.role_arn
    arn = caller_identity(target).arn
    if arn.endswith(":root"):
        return ""
    head, _, session = arn.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{session.split('/')[0]}" if session else arn
