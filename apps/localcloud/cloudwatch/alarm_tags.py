"""Tags of alarms; nothing else of CloudWatch that can have some is offered."""

from __future__ import annotations

from apps.localcloud.cloudwatch.alarms import Alarm, alarms
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation


def _alarm(call: Call) -> Alarm:
    arn = call.params["ResourceARN"]
    found = alarms(call.cloud, call.account, call.region).by_name.get(arn.split(":alarm:", 1)[-1])
    if found is None or found.arn != arn:
        raise AwsError("ResourceNotFoundException", f"Unable to find {arn}", 404)
    return found


@operation("cloudwatch", "TagResource")
def tag_resource(call: Call) -> Result:
    """Adds tags, or changes their values."""
    _alarm(call).tags.update({one["Key"]: one["Value"] for one in call.params["Tags"]})
    return {}


@operation("cloudwatch", "UntagResource")
def untag_resource(call: Call) -> Result:
    """Keys that are not there are no error."""
    for key in call.params["TagKeys"]:
        _alarm(call).tags.pop(key, None)
    return {}


@operation("cloudwatch", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Result:
    """All of them."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in _alarm(call).tags.items()]}
