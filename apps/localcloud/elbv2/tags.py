"""Tags of load balancers, target groups, listeners and rules."""

from __future__ import annotations

from apps.localcloud.elbv2.model import Balancing, balancing
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.wire import Params


def given_tags(params: Params) -> dict[str, str]:
    return {one["Key"]: one.get("Value") or "" for one in params.get("Tags") or []}


def _require(state: Balancing, arn: str) -> None:
    if ":targetgroup/" in arn:
        state.target_group(arn)
    elif ":listener-rule/" in arn:
        state.rule(arn)
    elif ":listener/" in arn:
        state.listener(arn)
    else:
        state.load_balancer(arn)


@operation("elbv2", "AddTags")
def add_tags(call: Call) -> Result:
    """To each resource named."""
    state = balancing(call.cloud, call.account, call.region)
    for arn in call.params["ResourceArns"]:
        _require(state, arn)
        merged = {**state.tags.get(arn, {}), **given_tags(call.params)}
        if len(merged) > 50:
            raise AwsError("TooManyTags", "The maximum number of tags on a resource is '50'")
        state.tags[arn] = merged
    return None


@operation("elbv2", "RemoveTags")
def remove_tags(call: Call) -> Result:
    """From each resource named; keys that are not there are no error."""
    state = balancing(call.cloud, call.account, call.region)
    for arn in call.params["ResourceArns"]:
        _require(state, arn)
        for key in call.params["TagKeys"]:
            state.tags.get(arn, {}).pop(key, None)
    return None


@operation("elbv2", "DescribeTags")
def describe_tags(call: Call) -> Result:
    """Of each resource named."""
    state = balancing(call.cloud, call.account, call.region)
    found = []
    for arn in call.params["ResourceArns"]:
        _require(state, arn)
        tags = [{"Key": key, "Value": value} for key, value in state.tags.get(arn, {}).items()]
        found.append({"ResourceArn": arn, "Tags": tags})
    return {"TagDescriptions": found}
