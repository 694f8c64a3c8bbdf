"""Groups tell their topics of launches and terminations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented

LAUNCH, TERMINATE = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"


class Topic:
    """A topic, and a queue that hears it."""

    def __init__(self, stack: Stack) -> None:
        sns, self.sqs = stack.client("sns"), stack.client("sqs")
        self.stack = stack
        self.arn = sns.create_topic(Name=stack.name())["TopicArn"]
        self.url = self.sqs.create_queue(QueueName=stack.name())["QueueUrl"]
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=asked["Attributes"]["QueueArn"], Attributes=raw)

    def hears(self, event: str) -> dict[str, Any]:
        """Waits for the next message, which must be of this event."""

        def look() -> dict[str, Any] | None:
            for one in self.sqs.receive_message(QueueUrl=self.url).get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
                return dict(json.loads(one["Body"]))
            return None

        told = self.stack.eventually(look, event) or {}
        assert told["Event"] == event
        return told


def test_a_topic_is_told_of_launches_and_terminations_after_a_test(quick: Stack) -> None:
    """User guide, "Amazon SNS notification options": the test notification, then each event that was asked for."""
    topic, name = Topic(quick), quick.group(quick.template(), 0)
    put = quick.asg.put_notification_configuration
    put(AutoScalingGroupName=name, TopicARN=topic.arn, NotificationTypes=[LAUNCH, TERMINATE])
    topic.hears("autoscaling:TEST_NOTIFICATION")
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    member = quick.in_service(name, 1)[0]["InstanceId"]
    told = topic.hears(LAUNCH)
    assert (told["EC2InstanceId"], told["AutoScalingGroupName"]) == (member, name)
    assert "changing the desired capacity from 0 to 1" in told["Cause"]
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=0)
    assert topic.hears(TERMINATE)["EC2InstanceId"] == member


def test_a_topic_is_told_of_a_launch_that_fails(quick: Stack) -> None:
    """User guide: EC2_INSTANCE_LAUNCH_ERROR."""
    topic, template = Topic(quick), quick.template()
    name = quick.group(template, 0)
    kinds = ["autoscaling:EC2_INSTANCE_LAUNCH_ERROR"]
    quick.asg.put_notification_configuration(AutoScalingGroupName=name, TopicARN=topic.arn, NotificationTypes=kinds)
    topic.hears("autoscaling:TEST_NOTIFICATION")
    quick.ec2.delete_launch_template(LaunchTemplateId=template)
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    assert topic.hears(kinds[0])["StatusCode"] == "Failed"


@pytest.mark.shape
def test_notifications_are_described_by_topic_and_type_and_replaced_by_a_put(quick: Stack) -> None:
    """API reference, PutNotificationConfiguration: overwrites; DescribeNotificationConfigurations: one for each."""
    topic, name = Topic(quick), quick.group(quick.template(), 0)
    put = {"AutoScalingGroupName": name, "TopicARN": topic.arn}

    def kinds() -> set[str]:
        found = quick.asg.describe_notification_configurations(AutoScalingGroupNames=[name])
        return {one["NotificationType"] for one in found["NotificationConfigurations"]}

    quick.asg.put_notification_configuration(**put, NotificationTypes=[LAUNCH, TERMINATE])
    assert kinds() == {LAUNCH, TERMINATE}
    quick.asg.put_notification_configuration(**put, NotificationTypes=[TERMINATE])
    assert kinds() == {TERMINATE}
    quick.asg.delete_notification_configuration(**put)
    assert kinds() == set()
    wrong = quick.asg.put_notification_configuration
    assert refused(wrong, **put, NotificationTypes=["autoscaling:NOTHING"]) == "ValidationError"
    nowhere = {**put, "TopicARN": f"{topic.arn}-gone"}
    assert refused(wrong, **nowhere, NotificationTypes=[LAUNCH]) == "ValidationError"
