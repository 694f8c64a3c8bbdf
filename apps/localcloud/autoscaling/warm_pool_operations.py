"""Putting, describing and deleting a group's warm pool."""

from __future__ import annotations

from apps.localcloud.autoscaling.describe import member_view, page
from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.model import Groups, groups
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation

_STATES = ("Stopped", "Running", "Hibernated")


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


@operation("autoscaling", "PutWarmPool")
def put_warm_pool(call: Call) -> Result:
    """Makes a pool, or changes what is given of one. Members do not return to it when the group shrinks."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    given = {key: value for key, value in call.params.items() if value is not None and key != "AutoScalingGroupName"}
    pool = {"MinSize": 0, "PoolState": "Stopped", **(group.warm_pool or {}), **given}
    if "Status" in pool:
        raise AwsError("ScalingActivityInProgress", f"The warm pool of group {group.name} is being deleted")
    if pool["PoolState"] not in _STATES:
        raise validation_error(f"PoolState must be one of {', '.join(_STATES)}, not {pool['PoolState']}")
    if int(pool["MinSize"]) < 0 or int(pool.get("MaxGroupPreparedCapacity", 0)) < -1:
        raise validation_error("MinSize and MaxGroupPreparedCapacity must not be negative")
    if pool.get("MaxGroupPreparedCapacity") == -1:
        del pool["MaxGroupPreparedCapacity"]  # -1 takes it back
    group.warm_pool = pool
    touch(call.cloud, group)
    return {}


@operation("autoscaling", "DescribeWarmPool")
def describe_warm_pool(call: Call) -> Result:
    """Its configuration, if there is one, and its instances."""
    group = _known(call).require(call.params["AutoScalingGroupName"])
    shown, token = page(list(group.pool.values()), call.params)
    instances = [member_view(one) for one in shown]
    return {"WarmPoolConfiguration": group.warm_pool, "Instances": instances, "NextToken": token}


@operation("autoscaling", "DeleteWarmPool")
def delete_warm_pool(call: Call) -> Result:
    """With its instances; by force also without waiting for their hooks."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    if group.warm_pool is None:
        raise validation_error(f"No warm pool found for Auto Scaling group {group.name}")
    group.warm_pool["Status"] = "PendingDelete"
    if call.params.get("ForceDelete"):
        for member in group.pool.values():
            for action in member.actions.values():
                action.result = action.result or "CONTINUE"
    touch(call.cloud, group)
    return {}
