"""Starting and stopping an embedded cloud: it leaves nothing behind, whichever way it ends, and several can run."""

from __future__ import annotations

import os
import signal
import time
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from psutil import Process

from apps.localcloud import launch
from apps.localcloud.launch import CloudDidNotStartError, RunningCloud
from apps.localcloud.options import DESCRIPTION
from apps.localcloud.state_file import FILE
from tests.cloud_fixture import cloud, new_place
from tests.contract.stack import Embedded
from tests.processes import alive, below

__all__ = ["cloud"]


def _running_cloud(folder: Path, trees: Path) -> tuple[RunningCloud, set[Process]]:
    """A cloud that runs two instances, and every process below it."""
    running = launch.start(folder, boot_seconds=0.1)
    trees.mkdir()
    stack = Embedded(new_place(running), trees)
    made = stack.ec2.run_instances(MinCount=2, MaxCount=2, **stack.launch_data())["Instances"]
    ids = [one["InstanceId"] for one in made]

    def serving() -> bool:
        printed = [stack.ec2.get_console_output(InstanceId=one)["Output"] for one in ids]
        return all("starting" in one for one in printed)

    stack.eventually(serving, "two services")
    return running, below(running.process.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
def test_nothing_is_left_behind_however_it_ends(tmp_path: Path, number: signal.Signals) -> None:
    running, started = _running_cloud(tmp_path / "cloud", tmp_path / "trees")
    try:
        assert len(started) >= 4, "fork server, data plane, two instances"
        os.kill(running.process.pid, number)
        running.process.wait(30)
        deadline = time.monotonic() + 10
        while alive(started):
            assert time.monotonic() < deadline, f"left behind: {alive(started)}"
            time.sleep(0.05)
    finally:
        running.stop()


def test_two_clouds_share_a_machine_and_no_address_and_leave_nothing_unasked(tmp_path: Path) -> None:
    first = launch.start(tmp_path / "first", lite=True)
    try:
        second = launch.start(tmp_path / "second", lite=True)
        assert (second.work / DESCRIPTION).exists()
        second.stop()
    finally:
        first.stop()
    assert not IPv4Network(first.addresses).overlaps(IPv4Network(second.addresses))
    assert first.access_key_id != second.access_key_id
    assert not (second.work / DESCRIPTION).exists()
    assert not (second.work / FILE).exists()


def test_accounts_and_regions_have_ranges_of_their_own_inside_the_clouds_block(cloud: RunningCloud) -> None:
    seen: list[IPv4Network] = []
    for account, region in (("1" * 12, "us-east-1"), ("1" * 12, "eu-west-1"), ("2" * 12, "us-east-1")):
        ec2 = new_place(cloud, region, account).client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]
        block = IPv4Network(vpc["CidrBlock"])
        assert block.subnet_of(IPv4Network(cloud.addresses))
        subnets = [IPv4Network(one["CidrBlock"]) for one in ec2.describe_subnets()["Subnets"]]
        assert len(subnets) == 3
        assert all(one.subnet_of(block) for one in subnets)
        assert not any(block.overlaps(other) for other in seen)
        assert IPv4Address(cloud.endpoint.split("/")[2].split(":")[0]) not in block
        seen.append(block)


def test_a_cloud_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(CloudDidNotStartError, match="--no-such-option"):
        launch.start(tmp_path, no_such_option=1)
