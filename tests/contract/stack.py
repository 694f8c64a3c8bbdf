"""Builds what the contract's tests need, the same way on the embedded cloud and on AWS."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cloud_fixture import Place

Found = TypeVar("Found")

SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        status = 503 if os.path.exists("broken") and self.path == "/health" else 200
        body = open("version").read().encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
Server((os.environ.get("SERVICE_ADDRESS", "0.0.0.0"), 8080), Handler).serve_forever()
"""


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """The code of the error that `call` is refused with; an assertion error when it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    raise AssertionError(f"{call} was not refused")


class Stack:
    """Clients, and makers of resources that are gone after the test."""

    patience = 20.0  # seconds for anything to come about

    def __init__(self) -> None:
        self._exit = ExitStack()
        self.ec2 = self.client("ec2")
        self.elb = self.client("elbv2")
        self.asg = self.client("autoscaling")

    def client(self, service: str) -> Any:
        raise NotImplementedError

    def neighbour(self, service: str) -> Any:
        """A client of another account, in the same region."""
        raise NotImplementedError

    def launch_data(self, version: str = "1") -> dict[str, Any]:
        """Launch template data whose instances answer `version` on port 8080."""
        raise NotImplementedError

    def name(self, word: str = "contract") -> str:
        return f"{word}-{secrets.token_hex(3)}"

    def eventually(self, look: Callable[[], Found], what: str = "it") -> Found:
        """Looks until the answer is true. Raises AssertionError with the last answer."""
        deadline = time.monotonic() + self.patience
        while not (found := look()):
            assert time.monotonic() < deadline, f"{what} did not come about: {found!r}"
            time.sleep(self.patience / 400)
        return found

    @cached_property
    def vpc(self) -> str:
        found = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        return str(found[0]["VpcId"])

    @cached_property
    def subnets(self) -> list[str]:
        found = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["Subnets"]
        by_zone = {one["AvailabilityZone"]: one["SubnetId"] for one in found}
        return [by_zone[zone] for zone in sorted(by_zone)][:3]

    def template(self, version: str = "1", **data: Any) -> str:
        """The id of a new launch template."""
        given = {**self.launch_data(version), **data}
        made = self.ec2.create_launch_template(LaunchTemplateName=self.name(), LaunchTemplateData=given)
        template_id = str(made["LaunchTemplate"]["LaunchTemplateId"])
        self._exit.callback(self._delete_template, template_id)
        return template_id

    def _delete_template(self, template_id: str) -> None:
        with contextlib.suppress(ClientError):  # a test may have deleted it itself
            self.ec2.delete_launch_template(LaunchTemplateId=template_id)

    def target_group(self, delay: int = 1, **settings: Any) -> str:
        """The ARN of a new target group with quick checks."""
        made = self.elb.create_target_group(
            **{
                "Name": self.name(),
                "Protocol": "HTTP",
                "Port": 8080,
                "VpcId": self.vpc,
                "HealthCheckPath": "/health",
                "HealthCheckIntervalSeconds": 5,
                "HealthCheckTimeoutSeconds": 2,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 2,
                **settings,
            }
        )
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        wanted = [{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}]
        self.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=wanted)
        self._exit.callback(self.elb.delete_target_group, TargetGroupArn=arn)
        return arn

    def balancer(self) -> dict[str, Any]:
        """A new load balancer as described."""
        made: dict[str, Any] = self.elb.create_load_balancer(Name=self.name(), Subnets=self.subnets)["LoadBalancers"][0]
        self._exit.callback(self.elb.delete_load_balancer, LoadBalancerArn=made["LoadBalancerArn"])
        return made

    def listener(self, *target_groups: str, balancer: dict[str, Any] | None = None, port: int = 8000) -> str:
        """The ARN of a new listener that forwards to `target_groups` alike."""
        balancer = balancer or self.balancer()
        forward = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1} for arn in target_groups]}
        made = self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=port,
            DefaultActions=[{"Type": "forward", "ForwardConfig": forward}],
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def group(self, template: str, size: int = 1, **settings: Any) -> str:
        """The name of a new group of `size`; force-deleted after the test."""
        name = settings.pop("AutoScalingGroupName", None) or self.name()
        self.asg.create_auto_scaling_group(
            **{
                "AutoScalingGroupName": name,
                "LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"},
                "MinSize": 0,
                "MaxSize": 6,
                "DesiredCapacity": size,
                "VPCZoneIdentifier": ",".join(self.subnets),
                **settings,
            }
        )
        self.delete_after(name)
        return str(name)

    def delete_after(self, name: str) -> None:
        """Has the group force-deleted after the test."""
        self._exit.callback(self._delete_group, name)

    def _delete_group(self, name: str) -> None:
        if self.described(name):
            self.asg.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        self.eventually(lambda: not self.described(name), "the group's end")

    def described(self, name: str) -> dict[str, Any]:
        """The group, or an empty mapping."""
        found = self.asg.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return dict(found[0]) if found else {}

    def in_service(self, name: str, count: int) -> list[dict[str, Any]]:
        """Waits until exactly `count` members are in service and none is on its way in or out."""

        def look() -> list[dict[str, Any]] | None:
            members: list[dict[str, Any]] = self.described(name)["Instances"]
            settled = all(one["LifecycleState"] == "InService" for one in members)
            return (members or [{}]) if settled and len(members) == count else None

        found = self.eventually(look, f"{count} in service")
        return [one for one in found or [] if one]

    def target_states(self, arn: str) -> dict[str, str]:
        """State by target id."""
        told = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in told}

    def healthy(self, arn: str, count: int) -> None:
        """Waits until exactly `count` targets are listed and all are healthy."""
        self.eventually(lambda: list(self.target_states(arn).values()) == ["healthy"] * count, f"{count} healthy")

    def activities(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.asg.describe_scaling_activities(AutoScalingGroupName=name)["Activities"]
        return found

    def clean_up(self) -> None:
        self._exit.close()


class Embedded(Stack):
    """On the embedded cloud: images are folders."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self._folder = folder
        self._images: dict[str, str] = {}
        super().__init__()

    def client(self, service: str) -> Any:
        return self.place.client(service)

    def neighbour(self, service: str) -> Any:
        return replace(self.place, account=f"3{self.place.account[1:]}").client(service)

    def image(self, version: str = "1", **settings: Any) -> str:
        """An image whose service answers `version`."""
        folder = self._folder / self.name("tree")
        folder.mkdir()
        (folder / "service.py").write_text(SERVER)
        (folder / "version").write_text(version)
        wanted = {"Name": self.name(f"app-{version}"), "Architecture": "x86_64", **settings}
        made = self.ec2.register_image(ImageLocation=f"localcloud:{folder}", **wanted)
        return str(made["ImageId"])

    def launch_data(self, version: str = "1") -> dict[str, Any]:
        if version not in self._images:
            self._images[version] = self.image(version)
        return {"ImageId": self._images[version], "InstanceType": "t3.micro"}


class Aws(Stack):
    """On AWS, in the account and region of the environment: user data makes the service."""

    patience = 900.0

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(service, config=Config(signature_version="s3v4") if service == "s3" else None)

    def neighbour(self, service: str) -> Any:
        return boto3.Session(profile_name=os.environ["CONTRACT_NEIGHBOUR"]).client(service)

    def launch_data(self, version: str = "1") -> dict[str, Any]:
        script = f"#!/bin/sh\ncd /tmp && printf {version} > version && cat > service.py <<'END'\n{SERVER}\nEND\n"
        encoded = base64.b64encode(f"{script}python3 service.py &\n".encode()).decode()
        return {"ImageId": os.environ["CONTRACT_IMAGE"], "InstanceType": "t3.micro", "UserData": encoded}
