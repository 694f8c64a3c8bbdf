"""STS: how the console reaches its accounts. A role need not exist; its ARN says which account it opens."""

from __future__ import annotations

import re
from datetime import timedelta

from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.iam.policies import ALLOWED, Statement, decide, statements
from apps.localcloud.iam.roles import find
from apps.localcloud.operations import Call, Result, operation

_ROLE_ARN = re.compile(r"^arn:aws:iam::(?P<account>\d{12}):role/(?:[\w+=,.@/-]+/)?(?P<name>[\w+=,.@-]{1,64})$")
_SESSION_NAME = re.compile(r"^[\w+=,.@-]{2,64}$")


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> Result:
    """Temporary credentials for the role's account, if the external id is the one that was set at start or that the
    role's trust policy asks for.
    """
    match = _ROLE_ARN.match(call.params["RoleArn"])
    session = call.params["RoleSessionName"]
    if match is None:
        raise validation_error(f"{call.params['RoleArn']} is invalid")
    if not _SESSION_NAME.match(session):
        raise validation_error(
            f"1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint:"
            " Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        )
    seconds = int(call.params.get("DurationSeconds") or 3600)
    if not 900 <= seconds <= 43200:
        raise validation_error(
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint:"
            " Member must have value between 900 and 43200"
        )
    if not _trusted(call, match["account"], match["name"]):
        raise AwsError(
            "AccessDenied",
            f"User: {call.key.arn} is not authorized to perform: sts:AssumeRole on resource: {call.params['RoleArn']}",
            403,
        )
    key = call.cloud.keys.assume(match["account"], match["name"], session, timedelta(seconds=seconds))
    return {
        "Credentials": {
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.secret,
            "SessionToken": key.session_token,
            "Expiration": key.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": key.user_id, "Arn": key.arn},
    }


def _trusted(call: Call, account: str, name: str) -> bool:
    """Whether the external id is right. Whoever asks has the root key: whom a trust policy names is not looked at."""
    given = call.params.get("ExternalId")
    if call.cloud.options.external_id not in (None, "", given):
        return False
    role = find(account, name)
    known = statements("trust", role.assume_role_policy_document) if role is not None else []
    asked = [Statement(each.policy, {**each.raw, "Resource": "*"}) for each in known]
    context = {"sts:externalid": (str(given),)} if given else {}
    return not asked or decide(asked, "sts:AssumeRole", "*", context)[0] == ALLOWED


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> Result:
    """Who the key belongs to."""
    return {"UserId": call.key.user_id, "Account": call.key.account, "Arn": call.key.arn}


@operation("sts", "GetSessionToken", "GetFederationToken", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
def refuse(call: Call) -> Result:
    """Other ways to credentials are closed: moto would hand out ones that do not work here."""
    raise AwsError("AccessDenied", "The embedded cloud gives credentials by AssumeRole only.", 403)
