"""Target health: initial, healthy, unhealthy, draining, unused, each with its reason."""

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _instance(stack: Stack) -> str:
    name = stack.group(stack.template(), 1)
    return str(stack.in_service(name, 1)[0]["InstanceId"])


def _health(stack: Stack, arn: str) -> dict[str, str]:
    told = stack.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return dict(told[0]["TargetHealth"])


def test_a_target_is_unused_until_a_listener_forwards_to_its_group(stack: Stack) -> None:
    """ELB user guide, "Target health status": Target.NotInUse; then initial; then healthy."""
    arn, instance = stack.target_group(), _instance(stack)
    stack.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    told = _health(stack, arn)
    assert (told["State"], told["Reason"]) == ("unused", "Target.NotInUse")
    stack.listener(arn)
    told = _health(stack, arn)
    assert told["State"] in ("initial", "healthy")
    if told["State"] == "initial":
        assert told["Reason"] in ("Elb.RegistrationInProgress", "Elb.InitialHealthChecking")
    stack.healthy(arn, 1)
    assert "Reason" not in _health(stack, arn)


def test_a_target_that_answers_wrongly_is_unhealthy_with_the_code(stack: Stack) -> None:
    """ELB user guide, "Health check reason codes": Target.ResponseCodeMismatch."""
    arn, instance = stack.target_group(Matcher={"HttpCode": "204"}), _instance(stack)
    stack.listener(arn)
    stack.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    stack.eventually(lambda: _health(stack, arn)["State"] == "unhealthy", "unhealthy")
    told = _health(stack, arn)
    assert told["Reason"] == "Target.ResponseCodeMismatch"
    assert "200" in told["Description"]


def test_a_target_where_nothing_listens_is_unhealthy(stack: Stack) -> None:
    """ELB user guide, "Health check reason codes": Target.FailedHealthChecks or Target.Timeout."""
    arn, instance = stack.target_group(), _instance(stack)
    stack.listener(arn)
    stack.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance, "Port": 9}])
    stack.eventually(lambda: _health(stack, arn)["State"] == "unhealthy", "unhealthy")
    assert _health(stack, arn)["Reason"] in ("Target.FailedHealthChecks", "Target.Timeout")


def test_a_deregistered_target_drains_for_the_delay_and_is_then_not_listed(stack: Stack) -> None:
    """ELB user guide, "Deregistration delay"; asked for by name it is unused."""
    arn, instance = stack.target_group(delay=1), _instance(stack)
    stack.listener(arn)
    stack.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    stack.healthy(arn, 1)
    stack.elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    told = _health(stack, arn)
    assert (told["State"], told["Reason"]) == ("draining", "Target.DeregistrationInProgress")
    stack.eventually(lambda: not stack.target_states(arn), "drained")
    asked = stack.elb.describe_target_health(TargetGroupArn=arn, Targets=[{"Id": instance}])
    told = asked["TargetHealthDescriptions"][0]["TargetHealth"]
    assert (told["State"], told["Reason"]) == ("unused", "Target.NotRegistered")


def test_one_instance_can_be_a_target_on_two_ports(stack: Stack) -> None:
    """API reference, RegisterTargets: Port overrides the group's, and one target may have several."""
    arn, instance = stack.target_group(), _instance(stack)
    stack.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}, {"Id": instance, "Port": 8081}])
    told = stack.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert {one["Target"]["Port"] for one in told} == {8080, 8081}


def test_unknown_groups_and_targets_are_refused(stack: Stack) -> None:
    """ELBv2 API errors."""
    arn = stack.target_group()
    unknown = arn[:-4] + "beef"
    assert refused(stack.elb.describe_target_health, TargetGroupArn=unknown) == "TargetGroupNotFound"
    targets = [{"Id": "i-0123456789abcdef0"}]
    assert refused(stack.elb.register_targets, TargetGroupArn=arn, Targets=targets) == "InvalidTarget"
    stack.elb.deregister_targets(TargetGroupArn=arn, Targets=targets)  # of no group: no error, says the reference


def test_a_health_check_may_ask_another_port_than_the_one_that_serves(stack: Stack) -> None:
    """API reference, CreateTargetGroup: HealthCheckPort; TargetHealthDescription: HealthCheckPort."""
    arn, instance = stack.target_group(HealthCheckPort="9"), _instance(stack)
    stack.listener(arn)
    stack.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    stack.eventually(lambda: _health(stack, arn)["State"] == "unhealthy", "unhealthy")
    told = stack.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]
    assert (told["Target"]["Port"], told["HealthCheckPort"]) == (8080, "9")
    modify = stack.elb.modify_target_group
    assert refused(modify, TargetGroupArn=arn, HealthCheckPort="none") == "ValidationError"
    modify(TargetGroupArn=arn, HealthCheckPort="traffic-port")
    stack.healthy(arn, 1)
