"""Which topics a group tells of its launches and terminations."""

from __future__ import annotations

from apps.localcloud import messages
from apps.localcloud.autoscaling.describe import page
from apps.localcloud.autoscaling.model import Groups, groups
from apps.localcloud.autoscaling.notices import KINDS, send_test
from apps.localcloud.errors import validation_error
from apps.localcloud.operations import Call, Result, operation


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


@operation("autoscaling", "PutNotificationConfiguration")
def put_notification(call: Call) -> Result:
    """In place of what the topic was told before; it gets a test notification."""
    group, topic = _known(call).changeable(call.params["AutoScalingGroupName"]), call.params["TopicARN"]
    wrong = [one for one in call.params["NotificationTypes"] if one not in KINDS]
    if wrong:
        raise validation_error(f"Invalid notification type: {wrong[0]}")
    if not messages.target_exists(topic):
        raise validation_error(f"Unable to publish test notification message to topic {topic}")
    group.notifications[topic] = list(call.params["NotificationTypes"])
    send_test(call.cloud, group, topic)
    return None


@operation("autoscaling", "DescribeNotificationConfigurations")
def describe_notifications(call: Call) -> Result:
    """By groups: one for each topic and type."""
    wanted = call.params.get("AutoScalingGroupNames") or []
    found = [
        {"AutoScalingGroupName": group.name, "TopicARN": topic, "NotificationType": kind}
        for group in _known(call).by_name.values()
        if not wanted or group.name in wanted
        for topic, kinds in group.notifications.items()
        for kind in kinds
    ]
    shown, token = page(found, call.params)
    return {"NotificationConfigurations": shown, "NextToken": token}


@operation("autoscaling", "DeleteNotificationConfiguration")
def delete_notification(call: Call) -> Result:
    """Every type of the topic; one that is not told is no error."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    group.notifications.pop(call.params["TopicARN"], None)
    return None


@operation("autoscaling", "DescribeAutoScalingNotificationTypes")
def describe_notification_types(call: Call) -> Result:
    """All that there are."""
    return {"AutoScalingNotificationTypes": list(KINDS)}
