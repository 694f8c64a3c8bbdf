"""How the death of a service is noticed: by health checks, as on AWS, or at once when the cloud was started so."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import cloud, new_place
from tests.contract.stack import Embedded

__all__ = ["cloud"]


def _kill(instance_id: str) -> None:
    """Kills the service of an instance: the leader of the session that works in the instance's folder."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            works_in = (folder / "cwd").readlink().name
            session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
        except OSError:
            continue
        if works_in == instance_id:
            os.kill(session, signal.SIGKILL)
            return
    raise AssertionError(f"no process of {instance_id}")


def test_a_dead_service_is_noticed_by_health_checks_and_its_machine_replaced(
    cloud: RunningCloud, tmp_path: Path
) -> None:
    stack = Embedded(new_place(cloud), tmp_path)
    try:
        arn = stack.target_group()
        stack.listener(arn)
        name = stack.group(stack.template(), 2, TargetGroupARNs=[arn], HealthCheckType="ELB")
        stack.healthy(arn, 2)
        victim = stack.in_service(name, 2)[0]["InstanceId"]
        _kill(victim)
        status = stack.ec2.describe_instance_status(InstanceIds=[victim])["InstanceStatuses"][0]
        assert status["InstanceState"]["Name"] == "running"
        assert status["InstanceStatus"]["Status"] == "ok", "the machine is well, its service is not"

        def replaced() -> bool:
            ids = {one["InstanceId"] for one in stack.described(name)["Instances"]}
            return victim not in ids and list(stack.target_states(arn).values()) == ["healthy"] * 2

        stack.eventually(replaced, "the replacement")
        causes = " ".join(one["Cause"] for one in stack.activities(name))
        assert "ELB system health check failure" in causes
    finally:
        stack.clean_up()


def test_a_dead_service_stays_in_its_group_when_only_the_machine_is_checked(
    cloud: RunningCloud, tmp_path: Path
) -> None:
    stack = Embedded(new_place(cloud), tmp_path)
    try:
        arn = stack.target_group()
        stack.listener(arn)
        name = stack.group(stack.template(), 1, TargetGroupARNs=[arn])
        stack.healthy(arn, 1)
        victim = stack.in_service(name, 1)[0]["InstanceId"]
        _kill(victim)
        stack.eventually(lambda: stack.target_states(arn) == {victim: "unhealthy"}, "unhealthy")
        assert stack.in_service(name, 1)[0]["HealthStatus"] == "Healthy"
    finally:
        stack.clean_up()


def test_with_notice_exit_the_machine_is_impaired_at_once_and_replaced(tmp_path: Path) -> None:
    running = launch.start(tmp_path / "cloud", boot_seconds=0.1, notice_exit=True)
    try:
        (tmp_path / "trees").mkdir()
        stack = Embedded(new_place(running), tmp_path / "trees")
        name = stack.group(stack.template(), 1)
        victim = stack.in_service(name, 1)[0]["InstanceId"]
        _kill(victim)
        stack.eventually(lambda: stack.in_service(name, 1)[0]["InstanceId"] != victim, "the replacement")
        assert "status checks" in " ".join(one["Cause"] for one in stack.activities(name))
    finally:
        running.stop()
