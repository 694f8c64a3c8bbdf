"""Each wrapper against the embedded cloud: what is asked for is done, what is there is told in plain values."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from apps.cloud import errors
from apps.cloud.aws import autoscaling, cloudwatch, ec2, elbv2, scaling, sts
from apps.cloud.aws.session import call
from apps.cloud.values import GroupSpec, LaunchTemplateRef, MetricQuery, TrafficSource

NAME = "shop-main-v001"


@pytest.fixture
def image(target):
    return call(target, "ec2", "RegisterImage", Name="shop-1.0", Architecture="x86_64")["ImageId"]


@pytest.fixture
def template(target, image):
    data = {"ImageId": image, "InstanceType": "t3.micro", "UserData": base64.b64encode(b"export A=1\n").decode()}
    answer = call(target, "ec2", "CreateLaunchTemplate", LaunchTemplateName="shop", LaunchTemplateData=data)
    return answer["LaunchTemplate"]["LaunchTemplateId"]


@pytest.fixture
def subnets(target):
    return [each["SubnetId"] for each in call(target, "ec2", "DescribeSubnets")["Subnets"]][:2]


@pytest.fixture
def target_group(target):
    vpc = call(target, "ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"]
    answer = call(target, "elbv2", "CreateTargetGroup", Name="shop", Protocol="HTTP", Port=8080, VpcId=vpc)
    return answer["TargetGroups"][0]["TargetGroupArn"]


@pytest.fixture
def group(target, template, subnets):
    launched = {"LaunchTemplateId": template, "Version": "1"}
    parameters = {"MinSize": 0, "MaxSize": 3, "LaunchTemplate": launched, "VPCZoneIdentifier": ",".join(subnets)}
    autoscaling.create_group(target, GroupSpec(NAME, parameters))
    return NAME


def test_we_are_told_who_we_are(target):
    assert sts.caller_identity(target).account == target.account


def test_a_group_is_told_with_its_template_and_times(target, group, template):
    state = autoscaling.describe_group(target, group)
    assert state.launch_template == LaunchTemplateRef(template, "shop", "1")
    assert (state.min_size, state.max_size, state.desired, state.members) == (0, 3, 0, ())
    assert datetime.now(UTC) - state.created_at < timedelta(minutes=5)
    assert state.raw["AutoScalingGroupName"] == group


def test_unknown_groups_are_left_out_of_a_list_and_missing_alone(target, group):
    assert [each.name for each in autoscaling.describe_groups(target, [group, "nobody-v000"])] == [group]
    assert autoscaling.describe_groups(target, []) == ()
    with pytest.raises(errors.NotFound):
        autoscaling.describe_group(target, "nobody-v000")


def test_groups_are_found_by_the_beginning_of_their_name(target, group):
    assert [each.name for each in autoscaling.describe_groups(target, prefix="shop-")] == [group]
    assert autoscaling.describe_groups(target, prefix="cart-") == ()


def test_a_name_is_given_once(target, group, template, subnets):
    spec = GroupSpec(group, {"MinSize": 0, "MaxSize": 1, "LaunchTemplate": {"LaunchTemplateId": template},
                             "VPCZoneIdentifier": subnets[0]})  # fmt: skip
    with pytest.raises(errors.AlreadyExists):
        autoscaling.create_group(target, spec)


def test_sizes_processes_and_tags_change_as_asked(target, group):
    autoscaling.update_group(target, group, max_size=5)
    autoscaling.suspend(target, group, ["AZRebalance", "AlarmNotification"])
    autoscaling.resume(target, group, ["AZRebalance"])
    autoscaling.create_or_update_tags(target, group, {"run": "7", "kept": "yes"})
    autoscaling.delete_tags(target, group, ["run"])
    state = autoscaling.describe_group(target, group)
    assert (state.min_size, state.max_size) == (0, 5)
    assert set(state.suspended) == {"AlarmNotification"}
    assert state.tags == {"kept": "yes"}


def test_nothing_to_suspend_is_no_call(target):
    autoscaling.suspend(target, "nobody-v000", [])
    autoscaling.resume(target, "nobody-v000", [])
    autoscaling.create_or_update_tags(target, "nobody-v000", {})


def test_a_change_of_an_unknown_group_is_not_found(target):
    with pytest.raises(errors.NotFound):
        autoscaling.update_group(target, "nobody-v000", max_size=1)


@pytest.mark.parametrize("via", ["target-group", "traffic-source"])
def test_traffic_is_attached_and_detached_by_the_same_family_of_calls(target, group, target_group, via):
    source = TrafficSource(target_group, via)
    autoscaling.attach(target, group, [source])
    assert autoscaling.describe_group(target, group).traffic_sources == (source,)
    autoscaling.detach(target, group, [source])
    assert autoscaling.describe_group(target, group).target_groups == ()


def test_a_group_without_extras_has_none(target, group):
    extras = scaling.describe_extras(target, group)
    assert extras == type(extras)()


def test_extras_are_told_as_aws_describes_them(target, group):
    call(target, "autoscaling", "PutScheduledUpdateGroupAction", AutoScalingGroupName=group,
         ScheduledActionName="night", Recurrence="0 0 * * *", MinSize=0)  # fmt: skip
    call(target, "autoscaling", "PutLifecycleHook", AutoScalingGroupName=group, LifecycleHookName="warm",
         LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING")  # fmt: skip
    extras = scaling.describe_extras(target, group)
    assert [action["ScheduledActionName"] for action in extras.scheduled_actions] == ["night"]
    assert [hook["LifecycleHookName"] for hook in extras.lifecycle_hooks] == ["warm"]


def test_a_deleted_group_is_gone(target, group):
    autoscaling.delete_group(target, group, force=True)
    left = autoscaling.describe_groups(target, [group])
    assert all(each.status for each in left)


def test_template_versions_are_told_decoded_and_resolved(target, template, image):
    version = ec2.launch_template_version(target, template, "$Latest")
    assert (version.version, version.image_id, version.user_data) == (1, image, "export A=1\n")
    assert ec2.resolve_version(target, template, "$Default") == 1
    assert ec2.resolve_version(target, template, "12") == 12
    with pytest.raises(errors.NotFound):
        ec2.launch_template_version(target, template, 9)


def test_a_new_version_is_the_old_one_with_another_ami_and_made_once_a_token(target, template):
    other = call(target, "ec2", "RegisterImage", Name="shop-2.0", Architecture="x86_64")["ImageId"]

    def create():
        return ec2.create_launch_template_version(
            target, template, source_version=1, image_id=other, client_token="run-7", description="by run 7"
        )

    first, again = create(), create()
    version = ec2.launch_template_version(target, template, first.version)
    assert again.version == first.version == 2
    assert (version.image_id, version.instance_type, version.description) == (other, "t3.micro", "by run 7")
    assert version.user_data == "export A=1\n"
    ec2.delete_launch_template_versions(target, template, [2])
    ec2.delete_launch_template_versions(target, template, [2])
    assert [each.version for each in ec2.describe_launch_template_versions(target, template)] == [1]


def test_templates_and_their_newest_versions_are_listed(target, template):
    (state,) = ec2.describe_launch_templates(target)
    assert (state.id, state.name, state.latest_version) == (template, "shop", 1)
    assert {version.version for version in ec2.describe_newest_versions(target)} == {1}


def test_an_ami_that_is_not_ours_to_launch_is_not_found(target, image):
    assert ec2.launchable_image(target, image).architecture == "x86_64"
    with pytest.raises(errors.NotFound):
        ec2.launchable_image(target, "ami-00000000000000000")


def test_amis_are_listed_and_found_by_id_unknown_ones_left_out(target, image):
    assert [each.id for each in ec2.describe_images(target)] == [image]
    assert [each.id for each in ec2.describe_images(target, [image, "ami-00000000000000000"])] == [image]
    assert ec2.describe_images(target, []) == ()


def test_instances_that_are_no_more_are_left_out(target, group):
    assert ec2.describe_instances(target, ["i-00000000000000000"]) == ()
    assert ec2.describe_instances(target, groups=[group]) == ()


def test_architectures_are_known_by_instance_type(target):
    assert ec2.architectures(target, ["t3.micro", "m6g.large"]) == {"t3.micro": ("x86_64",), "m6g.large": ("arm64",)}
    with pytest.raises(errors.CloudError):
        ec2.architectures(target, ["t3.nonsense"])


def test_rules_are_found_by_the_target_groups_they_forward_to(target, subnets, target_group):
    balancer = call(target, "elbv2", "CreateLoadBalancer", Name="shop", Subnets=subnets)["LoadBalancers"][0]
    weighted = {"TargetGroups": [{"TargetGroupArn": target_group, "Weight": 7}]}
    default = [{"Type": "forward", "ForwardConfig": weighted}]
    listener = call(target, "elbv2", "CreateListener", LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP",
                    Port=80, DefaultActions=default)["Listeners"][0]  # fmt: skip
    call(target, "elbv2", "CreateRule", ListenerArn=listener["ListenerArn"], Priority=5,
         Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}}],
         Actions=[{"Type": "forward", "TargetGroupArn": target_group}])  # fmt: skip
    rules = {rule.priority: rule for rule in elbv2.rules_for(target, [target_group])}
    assert [each.weight for each in rules["default"].forwards] == [7]
    assert rules["5"].conditions == ("path-pattern is /a, /b",)
    (state,) = elbv2.describe_target_groups(target, [target_group], attributes=True)
    assert state.load_balancers == (balancer["LoadBalancerArn"],)
    assert state.deregistration_delay == 300


def test_a_target_group_without_targets_is_empty_and_an_unknown_one_not_found(target, target_group):
    assert elbv2.target_health(target, target_group) == ()
    with pytest.raises(errors.NotFound):
        elbv2.target_health(target, target_group.replace("shop", "nothing"))
    with pytest.raises(errors.NotFound):
        elbv2.rules_for(target, [target_group.replace("shop", "nothing")])


def test_metrics_are_read_by_key_and_unknown_ones_have_no_points(target):
    now = datetime.now(UTC).replace(microsecond=0)
    dimensions = [{"Name": "AutoScalingGroupName", "Value": NAME}]
    for value in (2.0, 3.0):
        datum = {"MetricName": "Requests", "Value": value, "Timestamp": now, "Dimensions": dimensions}
        call(target, "cloudwatch", "PutMetricData", Namespace="Service", MetricData=[datum])
    known = MetricQuery("known", "Service", "Requests", "Sum", 60, {"AutoScalingGroupName": NAME})
    unknown = MetricQuery("unknown", "Service", "Requests", "Sum", 60, {"AutoScalingGroupName": "nobody"})
    found = cloudwatch.get_metrics(target, [known, unknown], now - timedelta(minutes=5), now + timedelta(minutes=1))
    assert sum(found["known"].values) == 5.0
    assert found["unknown"].times == ()
