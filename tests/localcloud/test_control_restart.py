"""A cloud that is stopped leaves its state, and the next one goes on from there; only from its own file."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path

import httpx
import pytest

from apps.localcloud import addresses, launch, state_file
from apps.localcloud.launch import CloudDidNotStartError, RunningCloud
from apps.localcloud.state_file import FILE
from tests.cloud_fixture import new_place
from tests.world import Service, build, wait_for

HELD = "another embedded cloud holds"


def started(work: Path, **options: bool) -> RunningCloud:
    """One that keeps its state; should another test's cloud have taken its addresses meanwhile, that ends by and by."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return launch.start(work, boot_seconds=0.2, health_check_divisor=5.0, keep=True, **options)
        except CloudDidNotStartError as error:
            if HELD not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.5)


@contextmanager
def running(work: Path, **options: bool) -> Iterator[RunningCloud]:
    cloud = started(work, **options)
    try:
        yield cloud
    finally:
        cloud.stop()


def again(cloud: RunningCloud, service: Service) -> Service:
    """The same service by the endpoint of a later cloud."""
    return replace(service, place=replace(service.place, endpoint=cloud.endpoint))


def healthy(service: Service, count: int) -> Callable[[], bool]:
    return lambda: service.target_states().count("healthy") == count


def test_groups_instances_and_traffic_go_on_where_they_stopped(tmp_path: Path) -> None:
    work = tmp_path / "cloud"
    with running(work) as first:
        assert not first.resumed
        service = build(first, tmp_path, size=2, drain_seconds=2, place=new_place(first))
        wait_for(healthy(service, 2), "the service to be healthy")
        before = service.groups()
        leaving = before[service.group]["Instances"][0]["InstanceId"]
        service.place.client("elbv2").deregister_targets(TargetGroupArn=service.target_group, Targets=[{"Id": leaving}])
    assert stat.S_IMODE((work / FILE).stat().st_mode) == 0o600
    with running(work) as second:
        assert second.resumed
        assert not (work / FILE).exists()  # what goes on from it is newer
        service = again(second, service)
        ids = {name: sorted(each["InstanceId"] for each in group["Instances"]) for name, group in before.items()}
        now = service.groups()
        assert {name: sorted(each["InstanceId"] for each in group["Instances"]) for name, group in now.items()} == ids
        wait_for(lambda: service.target_states() == ["healthy"], "one to have left, the other to serve again")
        assert httpx.get(service.url).status_code == 200
        service.place.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=service.group, DesiredCapacity=3
        )
        wait_for(healthy(service, 2), "a third instance to serve beside the second")
        assert {each["InstanceId"] for each in service.groups()[service.group]["Instances"]} > set(ids[service.group])


@dataclass
class Left:
    """What a lite cloud left: an account's launch template, queue with a message, key, certificate, two instances."""

    work: Path
    data: bytes  # of its file
    service: Service
    key: str
    certificate: str
    addresses: set[str]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    work = tmp_path_factory.mktemp("left") / "cloud"
    with running(work, lite=True) as first:
        place = new_place(first)
        service = build(first, work.parent, size=2, drain_seconds=0, place=place)
        url = place.client("sqs").create_queue(QueueName="hooks")["QueueUrl"]
        place.client("sqs").send_message(QueueUrl=url, MessageBody="one")
        key = place.client("kms").create_key()["KeyMetadata"]["KeyId"]
        certificate = place.client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
        used = addresses_of(service)
    return Left(work, (work / FILE).read_bytes(), service, key, certificate, used)


@pytest.mark.parametrize("spoil", ["", "mode", "code", "link", "directory"])
def test_what_is_not_its_own_file_is_not_read(spoil: str, left: Left, tmp_path: Path) -> None:
    file = tmp_path / FILE
    head, body = left.data.split(b"\n", 1)
    file.write_bytes((head.replace(b'"code": "', b'"code": "0') if spoil == "code" else head) + b"\n" + body)
    file.chmod(0o640 if spoil == "mode" else 0o600)
    if spoil == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    elif spoil == "directory":
        file.unlink()
        file.mkdir()
    found = state_file.find(tmp_path)
    assert (found is None) == bool(spoil)
    if found:
        found.file.close()


def test_half_a_file_is_said_to_be_so_and_not_tried_again(left: Left, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(left.data[: len(left.data) // 2])
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(CloudDidNotStartError, match="cannot be read"):
        started(tmp_path, lite=True)
    with running(tmp_path, lite=True) as third:
        assert not third.resumed
        fresh = new_place(third, account=left.service.place.account)
        assert fresh.client("ec2").describe_launch_templates()["LaunchTemplates"] == []


def test_it_waits_for_its_addresses_and_everything_of_every_service_is_kept(left: Left) -> None:
    block = json.loads(left.data.split(b"\n", 1)[0])["block"]
    held = addresses.claim(IPv4Network(block))
    try:
        with pytest.raises(CloudDidNotStartError, match=HELD):
            launch.start(left.work, keep=True, lite=True)
    finally:
        held.release()
    with running(left.work, lite=True) as second:
        assert second.resumed
        service = again(second, left.service)
        place = new_place(second, account=service.place.account)
        assert place.client("ec2").describe_launch_templates()["LaunchTemplates"]
        (name,) = place.client("sqs").list_queues()["QueueUrls"]
        (message,) = place.client("sqs").receive_message(QueueUrl=name)["Messages"]
        assert message["Body"] == "one"
        assert place.client("kms").describe_key(KeyId=left.key)["KeyMetadata"]["KeyId"] == left.key
        assert place.client("acm").describe_certificate(CertificateArn=left.certificate)["Certificate"]
        service.place.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=service.group, DesiredCapacity=4
        )
        wait_for(lambda: len(addresses_of(service)) == 4, "two more instances")
        fresh = addresses_of(service) - left.addresses
    assert len(fresh) == 2
    assert all(int(each.rpartition(".")[2]) > 3 for each in fresh)  # the first of a subnet are AWS's own


def addresses_of(service: Service) -> set[str]:
    """Of all running instances."""
    running_now = [{"Name": "instance-state-name", "Values": ["running"]}]
    found = service.place.client("ec2").describe_instances(Filters=running_now)["Reservations"]
    return {str(each["PrivateIpAddress"]) for reservation in found for each in reservation["Instances"]}
