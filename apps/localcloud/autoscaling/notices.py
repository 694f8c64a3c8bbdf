"""What a group tells of launches and terminations: to its topics, and to EventBridge."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from apps.localcloud import messages
from apps.localcloud.autoscaling.activities import Activity
from apps.localcloud.autoscaling.model import Group
from apps.localcloud.cloud import Cloud, now

LAUNCH, LAUNCH_ERROR = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_LAUNCH_ERROR"
TERMINATE, TERMINATE_ERROR = "autoscaling:EC2_INSTANCE_TERMINATE", "autoscaling:EC2_INSTANCE_TERMINATE_ERROR"
TEST = "autoscaling:TEST_NOTIFICATION"
KINDS = (LAUNCH, LAUNCH_ERROR, TERMINATE, TERMINATE_ERROR, TEST)
_EVENTS = {
    LAUNCH: "EC2 Instance Launch Successful",
    LAUNCH_ERROR: "EC2 Instance Launch Unsuccessful",
    TERMINATE: "EC2 Instance Terminate Successful",
    TERMINATE_ERROR: "EC2 Instance Terminate Unsuccessful",
}
_SUBJECTS = {
    LAUNCH: "launch",
    LAUNCH_ERROR: "failed launch",
    TERMINATE: "termination",
    TERMINATE_ERROR: "failed termination",
}


def heading(group: Group) -> dict[str, Any]:
    """What every message begins with."""
    return {
        "AccountId": group.account,
        "RequestId": str(uuid4()),
        "AutoScalingGroupName": group.name,
        "Service": "AWS Auto Scaling",
        "Time": now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
    }


def send_test(cloud: Cloud, group: Group, target: str) -> None:
    """What a topic or queue gets when it is first named."""
    told = {**heading(group), "AutoScalingGroupARN": group.arn, "Event": TEST}
    messages.send(cloud, target, f"Auto Scaling: test notification for group {group.name}", told)


def tell(cloud: Cloud, group: Group, kind: str, activity: Activity, instance_id: str = "") -> None:
    """Tells those topics of the group that want this kind, and the bus."""
    shown = activity.view(group.arn)
    detail = {
        **{name: str(shown[name]) for name in ("ActivityId", "Cause", "Description", "StatusCode")},
        "StatusMessage": activity.message,
        "StartTime": activity.started.isoformat(),
        "EndTime": (activity.ended or now()).isoformat(),
        "EC2InstanceId": instance_id,
        "Details": json.loads(shown["Details"]),
        "AutoScalingGroupName": group.name,
    }
    subject = f'Auto Scaling: {_SUBJECTS[kind]} for group "{group.name}"'
    for topic, kinds in group.notifications.items():
        if kind in kinds:
            body = {**heading(group), **detail, "AutoScalingGroupARN": group.arn, "Event": kind}
            messages.send(cloud, topic, subject, body)
    messages.emit(cloud, group.account, group.region, _EVENTS[kind], [group.arn], detail, source="aws.autoscaling")
