"""IAM: what our role may do, as IAM's own simulator judges it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from apps.cloud.aws.session import pages
from apps.cloud.values import Decision, Target

PAGE = 1000
# what is tagged is made by the same call: policies let tags be given in these calls' names alone
_TAGGED_BY = {"ec2:CreateAction": "RunInstances", "elasticloadbalancing:CreateAction": "CreateTargetGroup"}


def simulate(
    target: Target,
    principal: str,
    actions: Iterable[str],
    resources: Sequence[str] = ("*",),
    tags: Mapping[str, str] | None = None,
) -> tuple[Decision, ...]:
    """SimulatePrincipalPolicy: what the user or role may do of these actions, on each of the resources.

    `tags` are those of the Auto Scaling group that is meant. Organization policies and permissions boundaries are
    heeded. Raises Denied where the role may not ask.
    """
    known = {"aws:RequestedRegion": target.region, "aws:PrincipalArn": principal, **_TAGGED_BY}
    known |= {f"autoscaling:ResourceTag/{key}": value for key, value in (tags or {}).items()}
    found: list[Decision] = []
    for answer in pages(
        target,
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=principal,
        ActionNames=sorted(set(actions)),
        ResourceArns=list(resources),
        ContextEntries=[_entry(key, value) for key, value in known.items()],
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
