"""One account and region of the embedded cloud, reached as the console reaches it: by taking the role there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from apps.demo.seeding.plan import Environment


@dataclass(frozen=True)
class Place:
    """Clients are made by boto3 at run time and have no type of their own."""

    environment: Environment
    region: str

    @cached_property
    def ec2(self) -> Any:
        return self._client("ec2")

    @cached_property
    def balancing(self) -> Any:
        return self._client("elbv2")

    @cached_property
    def scaling(self) -> Any:
        return self._client("autoscaling")

    @cached_property
    def subnets(self) -> list[str]:
        """The default subnets, in the order of their zones."""
        found = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        return [one["SubnetId"] for one in sorted(found, key=lambda one: one["AvailabilityZone"])][:3]

    @cached_property
    def network(self) -> str:
        """The default VPC's id."""
        found: str = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        return found

    @cached_property
    def _session(self) -> boto3.Session:
        sts = boto3.Session(region_name=self.region).client("sts")
        given = sts.assume_role(RoleArn=self.environment.role_arn, RoleSessionName="seeding")["Credentials"]
        return boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=self.region
        )

    def _client(self, service: str) -> Any:
        return self._session.client(service)
