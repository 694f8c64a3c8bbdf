"""STS: an assumed role opens the account that its ARN names."""

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.shape


def test_the_caller_of_an_assumed_role_belongs_to_the_roles_account(stack: Stack) -> None:
    """API reference, GetCallerIdentity: Account is the account that owns the calling entity."""
    told = stack.client("sts").get_caller_identity()
    assert told["Arn"].split(":")[4] == told["Account"]
    assert len(told["Account"]) == 12


def test_a_role_arn_that_is_none_is_refused(stack: Stack) -> None:
    """API reference, AssumeRole: ValidationError for a malformed RoleArn."""
    sts = stack.client("sts")
    assert (
        refused(sts.assume_role, RoleArn="arn:aws:iam::role/without-account", RoleSessionName="x1") == "ValidationError"
    )
