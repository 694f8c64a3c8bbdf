"""Checks the calls of assumed roles against their policies, for roles that have some."""

from __future__ import annotations

from moto.core.request import Request

from apps.localcloud import route53, s3, wire
from apps.localcloud.cloud import Cloud
from apps.localcloud.errors import AwsError
from apps.localcloud.iam.dependent import Needed, needed
from apps.localcloud.iam.policies import ALLOWED, EXPLICIT, decide
from apps.localcloud.iam.resources import named_groups, resources
from apps.localcloud.iam.roles import policies_of
from apps.localcloud.iam.tags import tags
from apps.localcloud.keys import Key, KeyKind
from apps.localcloud.signature import Caller

_PREFIXES = {"monitoring": "cloudwatch"}  # where IAM's prefix is not the signing name
_FREE = frozenset({("sts", "GetCallerIdentity")})
# whose resources and tags are looked at; of all other services a policy that names a resource lets nothing through
_PARSED = frozenset({"autoscaling", "ec2", "elb", "elbv2"})
_PARSED_OF_OTHERS = frozenset({"DeleteAlarms", "PutMetricAlarm", "SimulatePrincipalPolicy"})


def authorize(cloud: Cloud, caller: Caller, service: str, name: str, request: Request) -> None:
    """Raises AwsError, in the service's own words, for what the caller's role may not do. Must hold the lock.

    Of REST services, which name their operation by the path, S3's objects and Route 53's zones are looked at; the
    rest is let through.
    """
    role_name = _role(caller.key)
    if not role_name or not name or (service, name) in _FREE:
        return
    known = policies_of(caller.key.account, role_name)
    if known is None:
        return
    account, region = caller.key.account, caller.region
    params = _params(service, name, request)
    action = f"{_PREFIXES.get(caller.service, caller.service)}:{name}"
    context = {
        "aws:requestedregion": (region,),
        "aws:principalaccount": (account,),
        "aws:principalarn": (f"arn:aws:iam::{account}:role/{role_name}",),
        **tags(cloud, service, params, named_groups(cloud, params), account, region),
    }
    about = (Needed(action, resource) for resource in resources(cloud, service, name, params, account, region))
    for each in (*about, *needed(cloud, service, name, params, account, region)):
        decision, _ = decide(known, each.action, each.resource, {**context, **each.context})
        if decision != ALLOWED:
            raise _refusal(caller.key, service, each.action, each.resource, explicit=decision == EXPLICIT)


def _params(service: str, name: str, request: Request) -> wire.Params:
    if service == s3.SERVICE:
        return s3.named(request)
    if service == route53.SERVICE:
        return route53.named(request)
    return wire.parse(service, name, request) if service in _PARSED or name in _PARSED_OF_OTHERS else {}


def _role(key: Key) -> str:
    return key.arn.split("/")[1] if key.kind is KeyKind.ROLE else ""


def _refusal(key: Key, service: str, action: str, resource: str, *, explicit: bool) -> AwsError:
    why = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no identity-based policy allows the {action} action"
    )
    told = f"User: {key.arn} is not authorized to perform: {action} on resource: {resource} {why}"
    if service == "ec2":
        return AwsError("UnauthorizedOperation", f"You are not authorized to perform this operation. {told}", 403)
    return AwsError("AccessDeniedException" if service == "service-quotas" else "AccessDenied", told, 403)
