"""An account with nothing in it, in which hello-world is to be scaffolded, on the embedded cloud without processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from apps.cloud.aws import session
from apps.cloud.errors import Throttled, Unavailable
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.deployments.scaffold.wishes import RemovalRequest, ScaffoldRequest
from apps.inventory.models import Application, Environment
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import Place, new_place
from tests.deployments.lite import Died, carry_on
from tests.world import register_image, wait_for

CLUSTER = "hello-world"
FAULTS = ("throttled", "cut-after", "killed-before", "killed-after")  # how a call may be struck
DAY = timedelta(days=1)
TARGET_GROUPS = "L-B22855CB"  # Service Quotas' code
MADE = [
    "security-group hello-world",
    "security-group hello-world-lb",
    "target-group hello-world",
    "load-balancer hello-world",
    "listener 8080",
]


@dataclass
class Account:
    """Where it is scaffolded; `image` can be launched there."""

    place: Place
    image: str
    asked: dict[str, Any] = field(default_factory=lambda: {"port": 8080, "health_check_path": "/health"})

    def request(self, **options: Any) -> ScaffoldRequest:
        return ScaffoldRequest("hello", "test", cluster=CLUSTER, options={**self.asked, **options}, reason="new")

    def preview(self, **options: Any) -> Preview:
        return services.preview_scaffold(self.request(**options))

    def start(self, **options: Any) -> Deployment | None:
        return services.scaffold(self.request(**options), actor="ann")

    def scaffolded(self, **options: Any) -> Deployment:
        """A scaffold that has succeeded."""
        made = self.start(**options)
        assert made
        run = carry_on(made)
        assert run.state == "succeeded", f"{run.state}: {run.failure or run.says}"
        return made

    def group(self) -> dict[str, Any]:
        """The only Auto Scaling group there is."""
        (group,) = self.place.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return dict(group)

    def launched(self) -> dict[str, Any]:
        """The LaunchTemplateData of the version that the group launches."""
        launches = self.group()["LaunchTemplate"]
        found = self.place.client("ec2").describe_launch_template_versions(
            LaunchTemplateId=launches["LaunchTemplateId"], Versions=[launches["Version"]]
        )["LaunchTemplateVersions"]
        return dict(found[0]["LaunchTemplateData"])

    def never_healthy(self) -> None:
        """What is launched from now on fails its health checks."""
        fault = {"Key": "fault", "Value": "never_healthy"}
        self.place.client("ec2").create_tags(Resources=[self.image], Tags=[fault])

    def delete_group(self, name: str) -> None:
        """Somebody deletes a group with its instances."""
        scaling = self.place.client("autoscaling")
        scaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        named = {"AutoScalingGroupNames": [name]}
        wait_for(lambda: not scaling.describe_auto_scaling_groups(**named)["AutoScalingGroups"], f"{name} to be gone")

    def drain_at_once(self) -> None:
        """Targets that leave have no requests in flight."""
        elbv2 = self.place.client("elbv2")
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "0"}
        for group in elbv2.describe_target_groups()["TargetGroups"]:
            elbv2.modify_target_group_attributes(TargetGroupArn=group["TargetGroupArn"], Attributes=[delay])

    def fill_target_groups(self) -> None:
        """Somebody has as many target groups as there may be."""
        quota = {"ServiceCode": "elasticloadbalancing", "QuotaCode": TARGET_GROUPS, "DesiredValue": 1}
        self.place.client("service-quotas").request_service_quota_increase(**quota)
        vpc = self.place.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        other = {"Name": "other", "Protocol": "HTTP", "Port": 80, "VpcId": vpc}
        self.place.client("elbv2").create_target_group(**other)

    def removal(self, *overrides: str) -> RemovalRequest:
        return RemovalRequest("hello", "test", cluster=CLUSTER, reason="no longer", overrides=overrides)

    def holds(self) -> list[str]:
        """What stands, but the default VPC's own security group."""
        ec2, elbv2 = self.place.client("ec2"), self.place.client("elbv2")
        groups = [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]]
        found = [f"security-group {name}" for name in sorted(groups) if name != "default"]
        found += [f"target-group {each['TargetGroupName']}" for each in elbv2.describe_target_groups()["TargetGroups"]]
        for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
            found.append(f"load-balancer {balancer['LoadBalancerName']}")
            listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
            found += [f"listener {each['Port']}" for each in listeners]
        templates = ec2.describe_launch_templates()["LaunchTemplates"]
        found += [f"launch-template {each['LaunchTemplateName']}" for each in templates]
        groups = self.place.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return found + [f"group {each['AutoScalingGroupName']}" for each in groups]


@pytest.fixture
def account(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Account:
    """The environment test, with one region, and the application hello."""
    place = new_place(aws)
    Environment.objects.create(name="test", account_id=place.account, role_arn=place.role_arn, regions=[place.region])
    Application.objects.create(name="hello")
    return Account(place, register_image(place.client("ec2"), tmp_path, "hello", "1.0.0"))


def codes(preview: Preview) -> dict[str, str]:
    """The sentences of its findings by their codes."""
    return {finding.code: finding.text for finding in preview.findings}


def certificate(place: Place) -> str:
    """The ARN of a certificate for localhost that Certificate Manager holds; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + DAY)
    pem = built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return str(place.client("acm").import_certificate(Certificate=pem, PrivateKey=secret)["CertificateArn"])


@contextmanager
def striking(how: str) -> Iterator[list[str]]:
    """Each changing call meets a fault the first time: throttled, lost once it took effect, or its process killed.

    Answers the calls that were struck.
    """
    struck: list[str] = []
    real = session._change

    def change(target: Any, service: str, operation: str, parameters: dict[str, object]) -> Any:
        what = f"{operation} {sorted(map(str, parameters.items()))}"
        if what in struck:
            return real(target, service, operation, parameters)
        struck.append(what)
        if how == "killed-before":
            raise Died
        if how == "throttled":
            raise Throttled(f"{operation}: Rate exceeded", operation=operation)
        real(target, service, operation, parameters)
        if how == "killed-after":
            raise Died
        raise Unavailable(f"AWS gave no answer to {operation}", operation=operation)

    with patch.object(session, "_change", change):
        yield struck
