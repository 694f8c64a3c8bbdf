"""Clusters of the embedded cloud to push to, the bare script to measure against, and workers that carry pushes on."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:  # Django is set up by whoever runs this, after its environment
    from apps.deployments.models import Deployment
    from apps.deployments.requests import PushRequest

ACCOUNT, REGION = "222222222222", "us-east-1"
SETTLED_WITHIN = 120.0
_numbers = itertools.count()
_folder = Path(tempfile.gettempdir())


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/console"


@cache
def client(service: str, account: str = ACCOUNT) -> Any:
    given = boto3.client("sts").assume_role(RoleArn=role(account), RoleSessionName="bench")["Credentials"]
    return boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def cpu() -> float:
    """CPU seconds of this process so far, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def images_in(folder: Path) -> None:
    """Where the image of all clusters is built; nothing in it ever runs."""
    from apps.localcloud import sample

    global _folder
    _folder = folder
    sample.build(folder, "app", "1")


@dataclass
class Fleet:
    """One cluster whose group serves; `images` take turns."""

    cluster: str
    size: int
    target_group: str
    template: str
    subnets: str
    images: list[str]
    account: str

    def request(self) -> PushRequest:
        """A push of the other image."""
        from apps.deployments.requests import PushRequest

        self.images.reverse()
        return PushRequest(self.account, REGION, self.cluster, self.images[0])

    def healthy(self) -> int:
        found = client("elbv2", self.account).describe_target_health(TargetGroupArn=self.target_group)[
            "TargetHealthDescriptions"
        ]
        return sum(each["TargetHealth"]["State"] == "healthy" for each in found)

    def create(self, name: str, version: str) -> None:
        client("autoscaling", self.account).create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=1,
            MaxSize=self.size * 2,
            DesiredCapacity=self.size,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": version},
            VPCZoneIdentifier=self.subnets,
            TargetGroupARNs=[self.target_group],
        )


def build(size: int, account: str = ACCOUNT) -> Fleet:
    """A cluster of its own with a group of `size` serving, known to the inventory."""
    from apps.inventory.models import Environment
    from apps.inventory.services import refresh_cluster

    cluster = f"app{next(_numbers)}-bench"
    ec2, elbv2 = client("ec2", account), client("elbv2", account)
    images = [
        ec2.register_image(Name=f"{cluster}-{version}", Architecture="x86_64", ImageLocation=f"localcloud:{_folder}")[
            "ImageId"
        ]
        for version in ("1", "2")
    ]
    subnets = ec2.describe_subnets()["Subnets"]
    target_group = elbv2.create_target_group(Name=cluster, Protocol="HTTP", Port=8080, VpcId=subnets[0]["VpcId"])
    arn = target_group["TargetGroups"][0]["TargetGroupArn"]
    no_delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=no_delay)
    balancer = elbv2.create_load_balancer(Name=cluster, Subnets=[subnet["SubnetId"] for subnet in subnets])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8080,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    data = {"ImageId": images[0], "InstanceType": "t3.small"}
    template = ec2.create_launch_template(LaunchTemplateName=cluster, LaunchTemplateData=data)["LaunchTemplate"]
    zones = ",".join(subnet["SubnetId"] for subnet in subnets)
    fleet = Fleet(cluster, size, arn, template["LaunchTemplateId"], zones, images, account)
    fleet.create(f"{cluster}-v000", "1")
    until(lambda: fleet.healthy() == size)
    environment, _ = Environment.objects.get_or_create(
        name=account, defaults={"account_id": account, "role_arn": role(account), "regions": [REGION]}
    )
    refresh_cluster(environment, REGION, cluster)
    return fleet


def until(condition: Callable[[], bool], every: float = 0.05) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


def script(fleet: Fleet) -> tuple[int, float]:
    """The minimum of calls that a push takes, by boto3 alone: how many they are beside polls, and their CPU seconds."""
    scaling, ec2, name, new = client("autoscaling"), client("ec2"), f"{fleet.cluster}-v000", f"{fleet.cluster}-v001"
    began, waited = cpu(), 0.0
    version = ec2.create_launch_template_version(
        LaunchTemplateId=fleet.template, SourceVersion="1", LaunchTemplateData={"ImageId": fleet.images[1]}
    )["LaunchTemplateVersion"]["VersionNumber"]
    fleet.create(new, str(version))
    before = cpu()
    until(lambda: fleet.healthy() == 2 * fleet.size)
    waited += cpu() - before
    scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[new])
    fleet.healthy()
    scaling.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["AZRebalance"])
    scaling.detach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[fleet.target_group])
    scaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    ec2.delete_launch_template_versions(LaunchTemplateId=fleet.template, Versions=["2"])
    return 8, cpu() - began - waited


@dataclass
class Watched:
    """What a push called, look by look, and the CPU seconds that its looks took."""

    calls: list[str] = field(default_factory=list)  # of looks that did something or were a step's end
    polls: list[str] = field(default_factory=list)  # of looks that only awaited, and reads that others may share
    moved_at: float = 0.0  # on the monotonic clock, when the old group was detached
    seconds: float = 0.0


@contextlib.contextmanager
def watching() -> Iterator[Watched]:
    """Every look of every step meanwhile, in this process."""
    from apps.cloud.aws.guard import only_looking
    from apps.cloud.aws.observe import observe
    from apps.deployments.steps.base import CloudStep
    from apps.workflows.plans import Done, Wait

    seen, real = Watched(), CloudStep._carry_out  # noqa: SLF001 -- the one place through which every look goes

    def look(self: CloudStep, context: Any, what: Any) -> Any:
        calls: list[Any] = []

        def note(call: Any) -> None:
            (seen.polls if only_looking() else calls).append(call.operation if only_looking() else call)

        with observe(note):
            outcome = real(self, context, what)
        over = isinstance(outcome, Done) and self.shares_for(context.params) == "end"  # it found at once what it awaits
        idle = (isinstance(outcome, Wait) or over) and not any(call.changing for call in calls)
        (seen.polls if idle else seen.calls).extend(call.operation for call in calls)
        if any(call.operation.startswith("Detach") for call in calls):
            seen.moved_at = time.monotonic()
        return outcome

    CloudStep._carry_out = look  # type: ignore[method-assign]  # noqa: SLF001
    try:
        yield seen
    finally:
        CloudStep._carry_out = real  # type: ignore[method-assign]  # noqa: SLF001


def carry_on(deployment: Deployment, seen: Watched, sweep: float = 0.01) -> None:
    """Looks at a deployment whenever a sweep, every so many seconds, finds it due, until it ends."""
    from apps.workflows.services import advance
    from apps.workflows.services.advance import due

    while not deployment.run.ended:
        if deployment.run_id in due():
            before = cpu()
            advance(deployment.run_id)
            seen.seconds += cpu() - before
        time.sleep(sweep)
        deployment.run.refresh_from_db()
    assert deployment.run.state == "succeeded", deployment.run.failure


def health_seen(fleet: Fleet, wanted: int) -> list[float]:
    """Watches in a thread; holds, once it is so, the moment at which `wanted` targets were healthy."""
    seen: list[float] = []

    def watch() -> None:
        until(lambda: fleet.healthy() >= wanted, 0.02)
        seen.append(time.monotonic())

    threading.Thread(target=watch, daemon=True).start()
    return seen


@dataclass(frozen=True)
class Spent:
    """What worker processes have spent by now, each by its number: CPU seconds, SQL statements, polls of AWS."""

    cpu: Any
    statements: Any
    polls: Any


def _work(number: int, stop: Any, spent: Spent) -> None:
    """One worker process, without a broker: it looks for what is due, as a sweep does, twenty times a second."""
    import django

    django.setup()
    from django.db import connection

    from apps.cloud.aws.observe import observe
    from apps.workflows.services import advance
    from apps.workflows.services.advance import due

    def count(execute: Any, *args: Any) -> Any:
        spent.statements[number] += 1
        return execute(*args)

    def note(call: Any) -> None:
        spent.polls[number] += not call.changing

    began = cpu()
    with connection.execute_wrapper(count), observe(note):
        while not stop.is_set():
            for run in due()[number::2] or due():
                advance(run)
            spent.cpu[number] = cpu() - began
            time.sleep(0.05)


@contextlib.contextmanager
def workers(count: int) -> Iterator[Spent]:
    """Worker processes; yields what each has spent."""
    spawn = multiprocessing.get_context("spawn")
    stop, spent = spawn.Event(), Spent(*(spawn.Array("d", count) for _ in range(3)))
    running = [spawn.Process(target=_work, args=(number, stop, spent), daemon=True) for number in range(count)]
    for each in running:
        each.start()
    try:
        yield spent
    finally:
        stop.set()
        for each in running:
            each.join()
