"""What the policy and the grants of a key say of another account; what cannot be judged is never taken for good."""

from __future__ import annotations

from typing import Any

import pytest

from apps.cloud.values import KeyGrant
from apps.images.promotion.keys import NEEDED, Usable, service_role, usable

ACCOUNT = "222222222222"
ROLE = service_role(ACCOUNT)
ALL = KeyGrant(ROLE, NEEDED)
OWN = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "kms:*", "Resource": "*"}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [OWN, *statements]}


def allow(action: Any = "kms:*", principal: Any = ROLE, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*", **more}


def test_without_a_word_for_the_account_all_is_missing() -> None:
    assert usable(ACCOUNT, policy(), ()) == Usable(missing=NEEDED)
    assert usable(ACCOUNT, policy(), (KeyGrant("arn:aws:iam::333333333333:root", NEEDED),)) == Usable(missing=NEEDED)


def test_the_word_for_the_whole_account_does_not_reach_auto_scaling() -> None:
    root = allow(principal=f"arn:aws:iam::{ACCOUNT}:root")
    assert usable(ACCOUNT, policy(root), ()) == Usable(missing=NEEDED)
    assert usable(ACCOUNT, policy(root), (ALL,)) == Usable()


def test_a_grant_or_the_policy_or_both_together_are_enough() -> None:
    some, others = NEEDED[:3], NEEDED[3:]
    assert usable(ACCOUNT, policy(), (ALL,)) == Usable()
    assert usable(ACCOUNT, policy(allow()), ()) == Usable()
    assert usable(ACCOUNT, policy(allow(["kms:Decrypt", "kms:ReEncrypt*"], principal=[ROLE, "x"])), ()) == Usable(
        missing=tuple(each for each in NEEDED if each not in {"Decrypt", "ReEncryptFrom", "ReEncryptTo"})
    )
    named = allow([f"kms:{each}" for each in some])
    assert usable(ACCOUNT, policy(named), (KeyGrant(ROLE, others),)) == Usable()
    assert usable(ACCOUNT, policy(named), ()) == Usable(missing=others)


def test_that_grants_are_for_aws_alone_is_no_hindrance() -> None:
    assert usable(ACCOUNT, policy(allow(Condition=FOR_AWS)), ()) == Usable()


@pytest.mark.parametrize(
    "statement",
    [
        allow(Condition={"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}),
        {"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "NotAction": "kms:Delete*", "Resource": "*"},
    ],
)
def test_what_depends_on_more_is_unknown_unless_a_grant_gives_it(statement: dict[str, Any]) -> None:
    assert usable(ACCOUNT, policy(statement), ()) == Usable(unknown=NEEDED)
    assert usable(ACCOUNT, policy(statement), (ALL,)) == Usable()


@pytest.mark.parametrize("principal", [ROLE, "*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
def test_what_may_be_forbidden_is_unknown_whatever_allows_it(principal: str) -> None:
    forbids = allow("kms:Decrypt", principal=principal, effect="Deny")
    assert usable(ACCOUNT, policy(allow(), forbids), (ALL,)) == Usable(unknown=("Decrypt",))
