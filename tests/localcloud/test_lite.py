"""The embedded cloud without processes: the same states in the same order, within milliseconds."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import Place, new_place
from tests.world import Service, build, wait_for


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    running = launch.start(Path(tmp_path_factory.mktemp("lite")), lite=True, terminated_visible_seconds=0.3)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def service(lite: RunningCloud, tmp_path: Path) -> Service:
    return build(lite, tmp_path, drain_seconds=0)


def _next_group(service: Service, image: str, size: int = 2, **settings: Any) -> str:
    """The next group beside the serving one, of another image; its name."""
    place, name = service.place, f"{service.cluster}-v001"
    version = place.client("ec2").create_launch_template_version(
        LaunchTemplateId=service.template, SourceVersion="1", LaunchTemplateData={"ImageId": service.images[image]}
    )["LaunchTemplateVersion"]["VersionNumber"]
    first = service.groups()[service.group]
    place.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=size,
        DesiredCapacity=size,
        LaunchTemplate={"LaunchTemplateId": service.template, "Version": str(version)},
        VPCZoneIdentifier=first["VPCZoneIdentifier"],
        HealthCheckType="ELB",
        **{"TargetGroupARNs": [service.target_group], "HealthCheckGracePeriod": 600, **settings},
    )
    return name


def _health(service: Service, name: str) -> dict[str, str]:
    """Target state of each member of a group."""
    members = [one["InstanceId"] for one in service.groups()[name]["Instances"]]
    answer = service.place.client("elbv2").describe_target_health(TargetGroupArn=service.target_group)
    told = {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in answer["TargetHealthDescriptions"]}
    return {one: told.get(one, "") for one in members}


def test_a_group_is_soon_in_service_and_healthy(service: Service) -> None:
    name = _next_group(service, "1.1.0", 6)
    wait_for(lambda: list(_health(service, name).values()) == ["healthy"] * 6, "six healthy")


def test_instances_of_an_image_that_is_never_healthy_are_unhealthy(service: Service) -> None:
    name = _next_group(service, "never_healthy")
    wait_for(lambda: list(_health(service, name).values()) == ["unhealthy"] * 2, "two unhealthy")
    assert sorted(service.target_states()) == ["healthy", "healthy", "unhealthy", "unhealthy"]


def test_unhealthy_instances_are_replaced_after_the_grace_period(service: Service) -> None:
    name = _next_group(service, "never_healthy", 1, HealthCheckGracePeriod=0)
    wait_for(lambda: bool(service.groups()[name]["Instances"]), "the first instance")
    first = service.groups()[name]["Instances"][0]["InstanceId"]
    wait_for(lambda: first not in _health(service, name), f"{first} to be replaced")


def test_an_instance_fails_and_recovers_by_its_tag(service: Service) -> None:
    ec2 = service.place.client("ec2")
    sick = next(iter(_health(service, service.group)))
    ec2.create_tags(Resources=[sick], Tags=[{"Key": "fault", "Value": "never_healthy"}])
    wait_for(lambda: _health(service, service.group)[sick] == "unhealthy", f"{sick} to fail")
    ec2.delete_tags(Resources=[sick], Tags=[{"Key": "fault"}])
    wait_for(lambda: _health(service, service.group)[sick] == "healthy", f"{sick} to recover")


def test_targets_drain_for_the_delay_that_was_asked_for(lite: RunningCloud, tmp_path: Path) -> None:
    service = build(lite, tmp_path, drain_seconds=1)
    service.place.client("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName=service.group, TargetGroupARNs=[service.target_group]
    )
    began = time.monotonic()
    assert service.target_states() == ["draining"] * 2
    wait_for(lambda: not service.target_states(), "both to have drained")
    assert time.monotonic() - began > 0.8


def test_what_is_terminated_or_stopped_leaves_and_is_forgotten_after_a_while(service: Service) -> None:
    ec2 = service.place.client("ec2")
    gone, stopped = _health(service, service.group)
    ec2.terminate_instances(InstanceIds=[gone])
    ec2.stop_instances(InstanceIds=[stopped])
    wait_for(lambda: not {gone, stopped} & set(_health(service, service.group)), "both to be replaced")
    wait_for(lambda: service.target_states() == ["healthy"] * 2, "two others to serve")

    def described() -> set[str]:
        found = ec2.describe_instances()["Reservations"]
        return {one["InstanceId"] for reservation in found for one in reservation["Instances"]}

    wait_for(lambda: not {gone, stopped} & described(), "both to be forgotten")
    leftovers = ec2.describe_volumes()["Volumes"], ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert [len(one) for one in leftovers] == [2, 2]


def test_no_thread_stays_behind_an_instance(lite: RunningCloud, service: Service) -> None:
    threads = Path(f"/proc/{lite.process.pid}/task")
    before = len(list(threads.iterdir()))
    name = _next_group(service, "1.1.0", 40)
    wait_for(lambda: list(_health(service, name).values()) == ["healthy"] * 40, "forty healthy")
    assert len(list(threads.iterdir())) < before + 10


def test_classic_balancers_follow_the_same_rules(service: Service) -> None:
    elb, asg = service.place.client("elb"), service.place.client("autoscaling")
    subnets = service.groups()[service.group]["VPCZoneIdentifier"].split(",")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}
    elb.create_load_balancer(LoadBalancerName="classic", Listeners=[listener], Subnets=subnets)
    draining = {"ConnectionDraining": {"Enabled": True, "Timeout": 1}}
    elb.modify_load_balancer_attributes(LoadBalancerName="classic", LoadBalancerAttributes=draining)

    def states() -> list[str]:
        told = elb.describe_instance_health(LoadBalancerName="classic")["InstanceStates"]
        return sorted(one["State"] for one in told)

    asg.attach_load_balancers(AutoScalingGroupName=service.group, LoadBalancerNames=["classic"])
    wait_for(lambda: states() == ["InService"] * 2, "both in service")
    sick = _next_group(service, "never_healthy", TargetGroupARNs=[], LoadBalancerNames=["classic"])
    wait_for(lambda: states() == ["InService"] * 2 + ["OutOfService"] * 2, "two that fail")
    asg.detach_load_balancers(AutoScalingGroupName=service.group, LoadBalancerNames=["classic"])
    began = time.monotonic()
    wait_for(lambda: states() == ["OutOfService"] * 2, "both to have drained")
    assert time.monotonic() - began > 0.8
    asg.delete_auto_scaling_group(AutoScalingGroupName=sick, ForceDelete=True)
    wait_for(lambda: states() == [], "everybody to leave")


def _machine(service: Service, user_data: str, **settings: Any) -> str:
    data = {"ImageId": service.images["1.1.0"], "InstanceType": "t3.micro", "UserData": user_data, **settings}
    made = service.place.client("ec2").run_instances(MinCount=1, MaxCount=1, **data)
    return str(made["Instances"][0]["InstanceId"])


def _state(service: Service, instance: str) -> dict[str, Any]:
    told = service.place.client("ec2").describe_instances(InstanceIds=[instance])
    return dict(told["Reservations"][0]["Instances"][0])


def test_a_machine_prints_what_its_user_data_says_and_switches_itself_off(service: Service) -> None:
    ec2 = service.place.client("ec2")
    instance = _machine(service, "#!/bin/sh\n# lite: prints bake 7 begin\n# lite: prints bake 7 ok\nmake bake\n")
    wait_for(lambda: _state(service, instance)["State"]["Name"] == "stopped", "it to stop")
    assert _state(service, instance)["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"
    assert ec2.get_console_output(InstanceId=instance)["Output"] == "bake 7 begin\nbake 7 ok\n"
    ec2.create_image(InstanceId=instance, Name="baked")
    wait_for(lambda: _image(service, "baked")["State"] == "available", "its image")


def _image(service: Service, name: str) -> dict[str, Any]:
    found = service.place.client("ec2").describe_images(Filters=[{"Name": "name", "Values": [name]}])
    return dict(found["Images"][0])


def test_members_that_switch_themselves_off_are_replaced(service: Service) -> None:
    place, user_data = service.place, base64.b64encode(b"# lite: prints good bye\n").decode()
    version = place.client("ec2").create_launch_template_version(
        LaunchTemplateId=service.template, SourceVersion="1", LaunchTemplateData={"UserData": user_data}
    )["LaunchTemplateVersion"]["VersionNumber"]
    name = f"{service.cluster}-v002"
    place.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateId": service.template, "Version": str(version)},
        VPCZoneIdentifier=service.groups()[service.group]["VPCZoneIdentifier"],
    )

    def ended() -> list[str]:
        told = place.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=name)["Activities"]
        return [one["StatusCode"] for one in told if one["Description"].startswith("Terminating")]

    wait_for(lambda: ended().count("Successful") >= 2, "two of them to be replaced")
    place.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


@pytest.mark.parametrize(
    ("fault", "states"),
    [
        ("create_fails", {"made": "failed"}),
        ("copy_fails", {"made": "available", "us-east-1": "failed", "eu-west-1": "failed"}),
        ("copy_fails:eu-west-1", {"made": "available", "us-east-1": "available", "eu-west-1": "failed"}),
    ],
)
def test_images_fail_where_a_tag_of_what_they_are_made_of_says_so(
    fault: str, states: dict[str, str], lite: RunningCloud, service: Service
) -> None:
    place, base = service.place, service.images["1.1.0"]
    place.client("ec2").create_tags(Resources=[base], Tags=[{"Key": "fault", "Value": fault}])
    instance = _machine(service, "")
    wait_for(lambda: _state(service, instance)["State"]["Name"] == "running", "it to run")
    made = place.client("ec2").create_image(InstanceId=instance, Name="made")["ImageId"]
    assert _ends(place, made) == states.pop("made")
    for region, state in states.items():
        there = new_place(lite, region, place.account)
        source = {"SourceImageId": made, "SourceRegion": place.region}
        assert _ends(there, there.client("ec2").copy_image(Name="copy", **source)["ImageId"]) == state


def _ends(place: Place, image: str) -> str:
    """The state in which an image that is being made ends; one that failed says why."""

    def told() -> dict[str, Any]:
        return dict(place.client("ec2").describe_images(ImageIds=[image])["Images"][0])

    wait_for(lambda: told()["State"] != "pending", "it to be made")
    assert ("fault" in told().get("StateReason", {}).get("Message", "")) == (told()["State"] == "failed")
    return str(told()["State"])
