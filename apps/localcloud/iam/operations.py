"""SimulatePrincipalPolicy: what a role's policies would say, without doing anything."""

from __future__ import annotations

import re
from typing import Any

from apps.localcloud.errors import AwsError
from apps.localcloud.iam.policies import Context, Statement, decide, statements
from apps.localcloud.iam.roles import policies_of
from apps.localcloud.operations import Call, Result, operation

_ROLE = re.compile(r"^arn:aws:iam::(\d{12}):role/(?:.*/)?([^/]+)$")
_PAGE = 100
_EVERYTHING = [Statement("none", {"Effect": "Allow", "Action": "*", "Resource": "*"})]


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: Call) -> Result:
    """A decision for each action on each resource; PolicyInputList counts as further policies of the role.

    A role that IAM does not know, or knows no policy of, is told as it is treated: it may do everything.
    """
    known = list(_policies(call))
    for number, document in enumerate(call.params.get("PolicyInputList") or [], start=1):
        known += statements(f"PolicyInputList.{number}", document)
    context = _context(call)
    results = [
        _evaluated(known, action, resource, context)
        for action in call.params["ActionNames"]
        for resource in call.params.get("ResourceArns") or ["*"]
    ]
    start, size = int(call.params.get("Marker") or 0), int(call.params.get("MaxItems") or _PAGE)
    more = start + size < len(results)
    return {
        "EvaluationResults": results[start : start + size],
        "IsTruncated": more,
        "Marker": str(start + size) if more else None,
    }


def _policies(call: Call) -> list[Statement]:
    arn = str(call.params["PolicySourceArn"])
    match = _ROLE.match(arn)
    if match is None or match[1] != call.account:
        raise AwsError("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    known = policies_of(call.account, match[2])
    return _EVERYTHING if known is None else known


def _context(call: Call) -> Context:
    given = {
        str(one["ContextKeyName"]).lower(): tuple(one.get("ContextKeyValues") or ())
        for one in call.params.get("ContextEntries") or []
    }
    return {"aws:principalaccount": (call.account,), **given}


def _evaluated(known: list[Statement], action: str, resource: str, context: Context) -> dict[str, Any]:
    decision, matched = decide(known, action, resource, context)
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision,
        "MatchedStatements": [{"SourcePolicyId": one.policy, "SourcePolicyType": "IAM Policy"} for one in matched],
        "MissingContextValues": sorted({key for one in known for key in one.missing(action, resource, context)}),
    }
