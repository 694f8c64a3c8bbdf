"""Whether a key of KMS lets another account launch what it encrypts: as far as its policy and grants tell.

Auto Scaling launches as its service-linked role, which has no policy of its own on keys: it needs a grant, or a key
policy that names it. What cannot be judged from here is unknown, never good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from apps.cloud.values import KeyGrant

SERVICE_ROLE = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
NEEDED = (  # operations, as grants name them
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
FOR_AWS = {"bool": {"kms:grantisforawsresource": "true"}}  # the one condition that a launch is known to meet


@dataclass(frozen=True)
class Usable:
    """Which operations a launch lacks, and of which nobody can say from here; both empty: it can use the key."""

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Word(Enum):
    """What a policy says; `PERHAPS` on a condition, `PERHAPS_NOT` by a statement that may forbid it."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"
    PERHAPS_NOT = "perhaps not"


def service_role(account: str) -> str:
    """The ARN of the role as which Auto Scaling launches in an account."""
    return f"arn:aws:iam::{account}:{SERVICE_ROLE}"


def usable(account: str, policy: Mapping[str, Any], grants: Iterable[KeyGrant]) -> Usable:
    """Whether Auto Scaling in the account may use a key that has this policy and these grants."""
    role = service_role(account)
    granted = {operation for grant in grants if grant.grantee == role for operation in grant.operations}
    missing, unknown = [], []
    for operation in NEEDED:
        said = _says(policy, role, f"kms:{operation}")
        if said is Word.PERHAPS_NOT or (said is Word.PERHAPS and operation not in granted):
            unknown.append(operation)
        elif said is Word.NO and operation not in granted:
            missing.append(operation)
    return Usable(tuple(missing), tuple(unknown))


def _says(policy: Mapping[str, Any], role: str, action: str) -> Word:
    """What a key policy says of the role doing it."""
    found = Word.NO
    for statement in _statements(policy):
        if not _concerns(statement, role, action):
            continue
        if statement.get("Effect") != "Allow":
            return Word.PERHAPS_NOT
        if _plain(statement):
            found = Word.YES
        elif found is Word.NO:
            found = Word.PERHAPS
    return found


def _statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    found = policy.get("Statement") or []
    yield from found if isinstance(found, list) else [found]


def _concerns(statement: Mapping[str, Any], role: str, action: str) -> bool:
    """Whether it speaks, or may speak, of the role itself and the action.

    A statement for the whole account leaves it to that account's own policies, and those give the role nothing.
    """
    if "NotPrincipal" in statement or "NotAction" in statement:
        return True
    principals = _listed(statement.get("Principal"))
    actions = (each.lower() for each in _listed(statement.get("Action")))
    account = role.split(":")[4]
    names = {role, "*"} if statement.get("Effect") == "Allow" else {role, "*", account, f"arn:aws:iam::{account}:root"}
    return bool(names & set(principals)) and any(fnmatchcase(action.lower(), each) for each in actions)


def _plain(statement: Mapping[str, Any]) -> bool:
    """Whether it holds for every launch: on no condition but that AWS itself uses the grant."""
    conditions = statement.get("Condition") or {}
    found = {
        str(kind).lower(): {str(key).lower(): str(value).lower() for key, value in of.items()}
        for kind, of in conditions.items()
    }
    plain = not found or found == FOR_AWS
    return plain and "NotPrincipal" not in statement and "NotAction" not in statement


def _listed(value: object) -> Collection[str]:
    """What a policy names, as one or several, or by the kind of principal."""
    if isinstance(value, Mapping):
        return _listed(value.get("AWS"))
    if isinstance(value, list):
        return [str(each) for each in value]
    return [] if value is None else [str(value)]
