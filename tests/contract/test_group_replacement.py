"""Members that fail are replaced, and the activity says why."""

import pytest

from tests.contract.stack import Stack

pytestmark = pytest.mark.documented


def _replaced(stack: Stack, name: str, member: str) -> None:
    def look() -> bool:
        members = stack.described(name)["Instances"]
        return [one["LifecycleState"] for one in members] == ["InService"] and members[0]["InstanceId"] != member

    stack.eventually(look, "the replacement")


def _cause_of_end(stack: Stack, name: str, member: str) -> str:
    ended = (
        one for one in stack.activities(name) if one["Description"].startswith(f"Terminating EC2 instance: {member}")
    )
    return str(next(ended)["Cause"])


def test_a_terminated_member_is_replaced(stack: Stack) -> None:
    """Auto Scaling user guide, "Health checks": EC2 checks notice an instance that is not running."""
    name = stack.group(stack.template(), 1)
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.ec2.terminate_instances(InstanceIds=[member])
    _replaced(stack, name, member)
    assert "EC2 health check indicating it has been terminated or stopped" in _cause_of_end(stack, name, member)


def test_a_stopped_member_is_replaced(stack: Stack) -> None:
    """Auto Scaling user guide, "Health checks"."""
    name = stack.group(stack.template(), 1)
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.ec2.stop_instances(InstanceIds=[member])
    _replaced(stack, name, member)


def test_a_member_said_to_be_unhealthy_is_replaced(stack: Stack) -> None:
    """API reference, SetInstanceHealth; no grace period here."""
    name = stack.group(stack.template(), 1)
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.asg.set_instance_health(InstanceId=member, HealthStatus="Unhealthy")
    _replaced(stack, name, member)
    assert "user health-check" in _cause_of_end(stack, name, member)


def test_within_the_grace_period_a_member_is_not_unhealthy(stack: Stack) -> None:
    """API reference, SetInstanceHealth: respects HealthCheckGracePeriod unless told not to."""
    name = stack.group(stack.template(), 1, HealthCheckGracePeriod=600)
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.asg.set_instance_health(InstanceId=member, HealthStatus="Unhealthy")
    assert stack.described(name)["Instances"][0]["HealthStatus"] == "Healthy"
    stack.asg.set_instance_health(InstanceId=member, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    _replaced(stack, name, member)


def test_a_new_member_that_never_answers_is_replaced_with_elb_checks_only(stack: Stack) -> None:
    """Auto Scaling user guide, "Health checks": ELB checks must be switched on; EC2 checks see a running machine."""
    arn = stack.target_group(HealthCheckPath="/health", Matcher={"HttpCode": "204"})
    stack.listener(arn)
    name = stack.group(stack.template(), 1, TargetGroupARNs=[arn], HealthCheckType="EC2")
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.eventually(lambda: stack.target_states(arn).get(member) == "unhealthy", "unhealthy")
    assert stack.described(name)["Instances"][0]["HealthStatus"] == "Healthy"
    stack.asg.update_auto_scaling_group(AutoScalingGroupName=name, HealthCheckType="ELB")
    stack.eventually(
        lambda: member not in {one["InstanceId"] for one in stack.described(name)["Instances"]}, "replaced"
    )
    assert "ELB system health check failure" in _cause_of_end(stack, name, member)
