"""IAM: what our role may do, as IAM's own simulator judges it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.cloud.aws.session import pages
from apps.cloud.values import Decision, Target

PAGE = 1000


def simulate(
    target: Target, principal: str, actions: Iterable[str], resources: Sequence[str] = ("*",)
) -> tuple[Decision, ...]:
    """SimulatePrincipalPolicy: what the user or role may do of these actions, on each of the resources.

    Organization policies and permissions boundaries are heeded. Raises Denied where the role may not ask.
    """
    found: list[Decision] = []
    for answer in pages(
        target,
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=principal,
        ActionNames=sorted(set(actions)),
        ResourceArns=list(resources),
        ContextEntries=[_entry("aws:RequestedRegion", target.region), _entry("aws:PrincipalArn", principal)],
        MaxItems=PAGE,
    ):
        found += [
            Decision(
                action=shape["EvalActionName"],
                decision=shape["EvalDecision"],
                resource=shape.get("EvalResourceName") or "*",
                missing=tuple(shape.get("MissingContextValues") or ()),
            )
            for shape in answer["EvaluationResults"]
        ]
    return tuple(found)


def _entry(key: str, value: str) -> dict[str, object]:
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
