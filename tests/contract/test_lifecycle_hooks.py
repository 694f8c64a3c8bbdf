"""Lifecycle hooks hold members on their way in and out until somebody completes them, or their time is over."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"


def _hook(transition: str = LAUNCHING, name: str = "check", **settings: Any) -> dict[str, Any]:
    return {"LifecycleHookName": name, "LifecycleTransition": transition, "HeartbeatTimeout": 3600, **settings}


def _waiting(stack: Stack, name: str, state: str = "Pending:Wait", besides: str = "") -> str:
    """The id of the one member (other than `besides`) that waits."""

    def look() -> str | None:
        found = [one for one in stack.described(name)["Instances"] if one["LifecycleState"] == state]
        return next((str(one["InstanceId"]) for one in found if one["InstanceId"] != besides), None)

    return stack.eventually(look, f"a member in {state}") or ""


def _complete(stack: Stack, name: str, result: str = "CONTINUE", hook: str = "check", **who: str) -> None:
    stack.asg.complete_lifecycle_action(
        AutoScalingGroupName=name, LifecycleHookName=hook, LifecycleActionResult=result, **who
    )


def test_a_hook_given_at_creation_holds_the_first_member_until_it_is_completed(quick: Stack) -> None:
    """User guide, "How lifecycle hooks work": Pending:Wait, then Pending:Proceed, then in service and in traffic."""
    arn = quick.target_group()
    quick.listener(arn)
    name = quick.group(quick.template(), 1, TargetGroupARNs=[arn], LifecycleHookSpecificationList=[_hook()])
    member = _waiting(quick, name)
    assert quick.activities(name)[0]["StatusCode"] == "MidLifecycleAction"
    assert quick.target_states(arn) == {}
    _complete(quick, name, InstanceId=member)
    assert [one["InstanceId"] for one in quick.in_service(name, 1)] == [member]
    quick.healthy(arn, 1)
    assert quick.activities(name)[0]["StatusCode"] == "Successful"


def test_an_abandoned_launch_is_replaced_and_its_activity_says_so(quick: Stack) -> None:
    """API reference, CompleteLifecycleAction; user guide, "Complete a lifecycle action"."""
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=[_hook()])
    member = _waiting(quick, name)
    _complete(quick, name, "ABANDON", InstanceId=member)
    other = _waiting(quick, name, besides=member)
    given_up = next(one for one in quick.activities(name) if one["Description"].endswith(f"EC2 instance: {member}"))
    launched = next(one for one in quick.activities(name) if "Launching" in one["Description"] and member in str(one))
    assert "Terminating" in given_up["Description"]
    assert launched["StatusCode"] == "Cancelled"
    assert "was abandoned" in launched["StatusMessage"]
    _complete(quick, name, InstanceId=other)
    quick.in_service(name, 1)


@pytest.mark.parametrize(("default", "replaced"), [("CONTINUE", False), ("ABANDON", True)])
def test_what_nobody_completes_ends_by_its_default(quick: Stack, default: str, replaced: bool) -> None:
    """API reference, PutLifecycleHook: HeartbeatTimeout and DefaultResult."""
    hook = _hook(HeartbeatTimeout=240, DefaultResult=default)
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=[hook])
    first = _waiting(quick, name)
    if replaced:
        quick.eventually(lambda: _cancelled(quick, name, first), "the end of its launch")
        quick.asg.delete_lifecycle_hook(AutoScalingGroupName=name, LifecycleHookName="check")
    member = quick.in_service(name, 1)[0]["InstanceId"]
    assert (member != first) is replaced


def _cancelled(stack: Stack, name: str, member: str) -> bool:
    told = [one for one in stack.activities(name) if member in one["Description"]]
    return any("Heartbeat Timeout" in one.get("StatusMessage", "") for one in told)


def test_a_heartbeat_starts_the_time_anew(quick: Stack) -> None:
    """API reference, RecordLifecycleActionHeartbeat."""
    hook = _hook(HeartbeatTimeout=300)
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=[hook])
    member = _waiting(quick, name)
    beat = {"AutoScalingGroupName": name, "LifecycleHookName": "check", "InstanceId": member}
    beyond = time.monotonic() + quick.patience / 15  # longer than the time-out
    while time.monotonic() < beyond:
        quick.asg.record_lifecycle_action_heartbeat(**beat)
        assert quick.described(name)["Instances"][0]["LifecycleState"] == "Pending:Wait"
    _complete(quick, name, InstanceId=member)
    quick.in_service(name, 1)
    assert refused(quick.asg.record_lifecycle_action_heartbeat, **beat) == "ValidationError"


def test_every_hook_of_a_transition_must_be_completed(quick: Stack) -> None:
    """User guide, "Considerations": an instance may have several hooks at once."""
    hooks = [_hook(), _hook(name="warm")]
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=hooks)
    member = _waiting(quick, name)
    _complete(quick, name, InstanceId=member)
    assert quick.described(name)["Instances"][0]["LifecycleState"] == "Pending:Wait"
    _complete(quick, name, hook="warm", InstanceId=member)
    quick.in_service(name, 1)


def test_a_termination_hook_holds_a_member_out_of_traffic_until_it_is_completed(quick: Stack) -> None:
    """User guide, "How lifecycle hooks work": Terminating:Wait; the machine still runs."""
    arn = quick.target_group()
    quick.listener(arn)
    name = quick.group(quick.template(), 1, TargetGroupARNs=[arn])
    quick.asg.put_lifecycle_hook(AutoScalingGroupName=name, **_hook(TERMINATING))
    member = quick.in_service(name, 1)[0]["InstanceId"]
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=0)
    assert _waiting(quick, name, "Terminating:Wait") == member
    assert quick.target_states(arn) == {}
    found = quick.ec2.describe_instances(InstanceIds=[member])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] == "running"
    _complete(quick, name, InstanceId=member)
    quick.in_service(name, 0)


@pytest.mark.shape
def test_deleting_a_hook_ends_what_it_holds(quick: Stack) -> None:
    """API reference, DeleteLifecycleHook: ABANDON for launching, CONTINUE for terminating instances."""
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=[_hook()])
    member = _waiting(quick, name)
    quick.asg.delete_lifecycle_hook(AutoScalingGroupName=name, LifecycleHookName="check")
    assert quick.in_service(name, 1)[0]["InstanceId"] != member


def test_a_forced_deletion_waits_for_no_hook(quick: Stack) -> None:
    """API reference, DeleteAutoScalingGroup: ForceDelete also deletes outstanding lifecycle actions."""
    hooks = [_hook(), _hook(TERMINATING, name="bye")]
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=hooks)
    _waiting(quick, name)
    quick.asg.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    quick.eventually(lambda: not quick.described(name), "the group's end")


def test_the_target_of_a_hook_is_told_with_the_token_that_completes_it(quick: Stack) -> None:
    """User guide, "Prepare to add a lifecycle hook": a queue gets a test notification, then one for each action."""
    sqs = quick.client("sqs")
    url = sqs.create_queue(QueueName=quick.name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    target = {"NotificationTargetARN": arn, "RoleARN": f"arn:aws:iam::{arn.split(':')[4]}:role/hooks"}
    hook = _hook(NotificationMetadata="for the test", **target)
    name = quick.group(quick.template(), 1, LifecycleHookSpecificationList=[hook])

    def told() -> dict[str, Any] | None:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", [])
        for one in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return json.loads(found[0]["Body"]) if found else None

    assert (quick.eventually(told, "the test") or {})["Event"] == "autoscaling:TEST_NOTIFICATION"
    notice = quick.eventually(told, "the notification") or {}
    member = _waiting(quick, name)
    assert (notice["EC2InstanceId"], notice["LifecycleTransition"]) == (member, LAUNCHING)
    assert (notice["LifecycleHookName"], notice["NotificationMetadata"]) == ("check", "for the test")
    assert (notice["Origin"], notice["Destination"]) == ("EC2", "AutoScalingGroup")
    _complete(quick, name, LifecycleActionToken=notice["LifecycleActionToken"])
    quick.in_service(name, 1)


def test_an_event_rule_is_told_of_lifecycle_actions(quick: Stack) -> None:
    """User guide, "EventBridge event reference": EC2 Instance-launch Lifecycle Action."""
    sqs, events = quick.client("sqs"), quick.client("events")
    url = sqs.create_queue(QueueName=quick.name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = quick.name()
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.autoscaling"]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    quick.group(quick.template(), 1, LifecycleHookSpecificationList=[_hook()])
    found = quick.eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "the event")
    event = json.loads((found or [{}])[0]["Body"])
    assert event["detail-type"] == "EC2 Instance-launch Lifecycle Action"
    assert event["detail"]["LifecycleHookName"] == "check"


@pytest.mark.shape
def test_a_hook_that_cannot_be_is_refused(quick: Stack) -> None:
    """API reference, PutLifecycleHook."""
    name = quick.group(quick.template(), 0)
    for wrong in (
        {"LifecycleTransition": "autoscaling:SOMETHING"},
        {"HeartbeatTimeout": 7201},
        {"DefaultResult": "PERHAPS"},
        {"NotificationTargetARN": "arn:aws:sqs:us-east-1:100000000000:nowhere"},
    ):
        code = refused(quick.asg.put_lifecycle_hook, AutoScalingGroupName=name, **{**_hook(), **wrong})
        assert code == "ValidationError", wrong
    assert quick.asg.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"] == []
