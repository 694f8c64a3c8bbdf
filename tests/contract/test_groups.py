"""Auto Scaling groups: what is refused, and how sizes come about."""

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


@pytest.mark.shape
def test_a_name_is_taken_once(stack: Stack) -> None:
    """API reference, CreateAutoScalingGroup: AlreadyExistsFault."""
    template = stack.template()
    name = stack.group(template, 0)
    code = refused(
        stack.asg.create_auto_scaling_group,
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=stack.subnets[0],
    )
    assert code == "AlreadyExists"


@pytest.mark.parametrize(
    "wrong",
    [
        {"MinSize": 3, "MaxSize": 2},
        {"MinSize": 1, "MaxSize": 2, "DesiredCapacity": 5},
        {"VPCZoneIdentifier": "subnet-0123456789abcdef0"},
        {"LaunchTemplate": {"LaunchTemplateId": "lt-0123456789abcdef0", "Version": "1"}},
        {"HealthCheckType": "NONE"},
    ],
    ids=["min above max", "desired above max", "unknown subnet", "unknown template", "unknown health check"],
)
def test_a_group_that_cannot_be_is_refused(stack: Stack, wrong: dict[str, object]) -> None:
    """Auto Scaling answers ValidationError to all of these."""
    template, name = stack.template(), stack.name()
    code = refused(
        stack.asg.create_auto_scaling_group,
        **{
            "AutoScalingGroupName": name,
            "LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"},
            "MinSize": 0,
            "MaxSize": 1,
            "VPCZoneIdentifier": stack.subnets[0],
            **wrong,
        },
    )
    assert code == "ValidationError"
    assert stack.described(name) == {}


def test_a_group_whose_image_is_gone_cannot_be_created(stack: Stack) -> None:
    """The launch template is checked by a dry run at creation."""
    template = stack.template(ImageId="ami-0123456789abcdef0")
    code = refused(
        stack.asg.create_auto_scaling_group,
        AutoScalingGroupName=stack.name(),
        LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=stack.subnets[0],
    )
    assert code == "ValidationError"


@pytest.mark.shape
def test_unknown_groups_are_described_as_nothing_and_changed_with_an_error(stack: Stack) -> None:
    """DescribeAutoScalingGroups leaves unknown names out; changing operations answer ValidationError."""
    assert stack.described("no-such-group") == {}
    for change in (
        lambda: stack.asg.update_auto_scaling_group(AutoScalingGroupName="no-such-group", MinSize=1),
        lambda: stack.asg.suspend_processes(AutoScalingGroupName="no-such-group"),
        lambda: stack.asg.describe_load_balancer_target_groups(AutoScalingGroupName="no-such-group"),
        lambda: stack.asg.delete_auto_scaling_group(AutoScalingGroupName="no-such-group"),
    ):
        assert refused(change) == "ValidationError"


def test_members_pass_from_pending_into_service_across_zones(stack: Stack) -> None:
    """Auto Scaling user guide, "Instance lifecycle" and "Distribute instances across Availability Zones"."""
    name = stack.group(stack.template(), 3)
    first = stack.eventually(lambda: stack.described(name)["Instances"], "members")
    assert {one["LifecycleState"] for one in first} <= {"Pending", "InService"}
    members = stack.in_service(name, 3)
    assert len({one["AvailabilityZone"] for one in members}) == 3
    assert {one["HealthStatus"] for one in members} == {"Healthy"}


@pytest.mark.shape
def test_members_carry_tags_and_show_the_version_they_were_launched_from(stack: Stack) -> None:
    """API reference: PropagateAtLaunch, Instance.LaunchTemplate; the tag aws:autoscaling:groupName."""
    template = stack.template("1")
    stack.ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData=stack.launch_data("2")
    )
    tags = [
        {"Key": "app", "Value": "x", "PropagateAtLaunch": True},
        {"Key": "hidden", "Value": "y", "PropagateAtLaunch": False},
    ]
    name = stack.group(template, 1, LaunchTemplate={"LaunchTemplateId": template, "Version": "2"}, Tags=tags)
    member = stack.in_service(name, 1)[0]
    assert member["LaunchTemplate"]["Version"] == "2"
    assert stack.described(name)["LaunchTemplate"]["Version"] == "2"
    found = stack.ec2.describe_instances(InstanceIds=[member["InstanceId"]])["Reservations"][0]["Instances"][0]
    told = {one["Key"]: one["Value"] for one in found["Tags"]}
    assert told["aws:autoscaling:groupName"] == name
    assert told["app"] == "x"
    assert "hidden" not in told


def test_a_new_bound_pulls_the_desired_capacity_along(stack: Stack) -> None:
    """API reference, UpdateAutoScalingGroup: a MinSize above, or a MaxSize below, the present size sets it."""
    name = stack.group(stack.template(), 0)
    stack.asg.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=1)
    assert stack.described(name)["DesiredCapacity"] == 1
    stack.asg.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=0)
    assert stack.described(name)["DesiredCapacity"] == 0
    stack.in_service(name, 0)


def test_desired_capacity_stays_within_the_bounds(stack: Stack) -> None:
    """API reference, SetDesiredCapacity: between minimum and maximum size."""
    name = stack.group(stack.template(), 0, MaxSize=1)
    assert refused(stack.asg.set_desired_capacity, AutoScalingGroupName=name, DesiredCapacity=2) == "ValidationError"


def test_activities_tell_what_was_done_and_why(stack: Stack) -> None:
    """Auto Scaling user guide, "Verify a scaling activity"."""
    name = stack.group(stack.template(), 1)
    member = stack.in_service(name, 1)[0]
    launched = stack.activities(name)[0]
    assert launched["Description"] == f"Launching a new EC2 instance: {member['InstanceId']}"
    assert launched["StatusCode"] == "Successful"
    assert "changing the desired capacity from 0 to 1" in launched["Cause"]
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=0)
    stack.in_service(name, 0)
    ended = stack.activities(name)[0]
    assert ended["Description"] == f"Terminating EC2 instance: {member['InstanceId']}"
    assert f"instance {member['InstanceId']} was selected for termination" in ended["Cause"]


def test_a_launch_that_fails_is_told_as_an_activity(stack: Stack) -> None:
    """Auto Scaling user guide, "Troubleshoot: instance launch failure"."""
    template = stack.template()
    name = stack.group(template, 0)
    stack.ec2.delete_launch_template(LaunchTemplateId=template)
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    failed = stack.eventually(lambda: stack.activities(name), "an activity")[0]
    assert failed["StatusCode"] == "Failed"
    assert failed["StatusMessage"]
    assert failed["Description"].startswith("Launching a new EC2 instance")
    reference = {"LaunchTemplateId": stack.template(), "Version": "1"}
    stack.asg.update_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=reference)
    stack.in_service(name, 1)


@pytest.mark.shape
def test_a_group_with_instances_is_deleted_only_by_force(stack: Stack) -> None:
    """API reference, DeleteAutoScalingGroup: ResourceInUse without ForceDelete; then it ends with its instances."""
    name = stack.group(stack.template(), 1)
    member = stack.in_service(name, 1)[0]
    assert refused(stack.asg.delete_auto_scaling_group, AutoScalingGroupName=name) == "ResourceInUse"
    stack.asg.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    assert stack.described(name).get("Status", "Delete in progress") == "Delete in progress"
    stack.eventually(lambda: not stack.described(name), "the group's end")
    found = stack.ec2.describe_instances(InstanceIds=[member["InstanceId"]])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] in ("shutting-down", "terminated")


def test_an_empty_group_is_deleted_without_force(stack: Stack) -> None:
    """API reference, DeleteAutoScalingGroup."""
    name = stack.group(stack.template(), 0)
    stack.asg.delete_auto_scaling_group(AutoScalingGroupName=name)
    stack.eventually(lambda: not stack.described(name), "the group's end")


def test_protected_members_are_passed_by_at_scale_in(stack: Stack) -> None:
    """Auto Scaling user guide, "Use instance scale-in protection"."""
    name = stack.group(stack.template(), 2)
    kept, other = stack.in_service(name, 2)
    stack.asg.set_instance_protection(
        AutoScalingGroupName=name, InstanceIds=[kept["InstanceId"]], ProtectedFromScaleIn=True
    )
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    assert [one["InstanceId"] for one in stack.in_service(name, 1)] == [kept["InstanceId"]]
    assert kept["InstanceId"] != other["InstanceId"]


def test_terminating_a_member_with_decrement_does_not_replace_it(stack: Stack) -> None:
    """API reference, TerminateInstanceInAutoScalingGroup."""
    name = stack.group(stack.template(), 2)
    first, second = stack.in_service(name, 2)
    told = stack.asg.terminate_instance_in_auto_scaling_group(
        InstanceId=first["InstanceId"], ShouldDecrementDesiredCapacity=True
    )["Activity"]
    assert first["InstanceId"] in told["Description"]
    assert [one["InstanceId"] for one in stack.in_service(name, 1)] == [second["InstanceId"]]
    assert stack.described(name)["DesiredCapacity"] == 1
