"""The quotas that the embedded cloud knows and keeps, and their present values in each account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.localcloud.cloud import Cloud

SERVICES = {
    "autoscaling": "Amazon EC2 Auto Scaling",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "elasticloadbalancing": "Elastic Load Balancing (ELB)",
}


@dataclass(frozen=True)
class Quota:
    """`default` is AWS's; `granted` is what a new account here has, where AWS's own default is too little to work with.

    `limit` is the name under which DescribeAccountLimits of Elastic Load Balancing tells it.
    """

    service: str
    code: str
    name: str
    default: int
    granted: int = 0
    adjustable: bool = True
    limit: str = ""


_VCPUS = 50_000
STANDARD_VCPUS = Quota(
    "ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, granted=_VCPUS
)
# vCPUs of running instances that count towards no standard quota, by the letters that their types begin with
OTHER_VCPUS = {
    "dl": Quota("ec2", "L-6E869C2A", "Running On-Demand DL instances", 0, granted=_VCPUS),
    "f": Quota("ec2", "L-74FC7D96", "Running On-Demand F instances", 0, granted=_VCPUS),
    "g": Quota("ec2", "L-DB2E81BA", "Running On-Demand G and VT instances", 0, granted=_VCPUS),
    "inf": Quota("ec2", "L-1945791B", "Running On-Demand Inf instances", 0, granted=_VCPUS),
    "p": Quota("ec2", "L-417A185B", "Running On-Demand P instances", 0, granted=_VCPUS),
    "trn": Quota("ec2", "L-2C3B7624", "Running On-Demand Trn instances", 0, granted=_VCPUS),
    "x": Quota("ec2", "L-7295265B", "Running On-Demand X instances", 0, granted=_VCPUS),
}
STANDARD_SPOT = Quota(
    "ec2", "L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5, granted=_VCPUS
)
GROUPS = Quota("autoscaling", "L-CDE20ADC", "Auto Scaling groups per region", 500, granted=5_000)
LAUNCH_CONFIGURATIONS = Quota("autoscaling", "L-6B80B8FA", "Launch configurations per region", 200)
TARGET_GROUPS = Quota("elasticloadbalancing", "L-B22855CB", "Target Groups per Region", 3_000, limit="target-groups")
LOAD_BALANCERS = Quota(
    "elasticloadbalancing",
    "L-53DA6B97",
    "Application Load Balancers per Region",
    50,
    limit="application-load-balancers",
)
LISTENERS = Quota(
    "elasticloadbalancing",
    "L-B6DF7632",
    "Listeners per Application Load Balancer",
    50,
    limit="listeners-per-application-load-balancer",
)
RULES = Quota(
    "elasticloadbalancing",
    "L-7EED9B64",
    "Rules per Application Load Balancer",
    100,
    limit="rules-per-application-load-balancer",
)
BALANCER_TARGETS = Quota(
    "elasticloadbalancing",
    "L-7E6692B2",
    "Targets per Application Load Balancer",
    1_000,
    granted=20_000,
    limit="targets-per-application-load-balancer",
)
GROUP_TARGETS = Quota("elasticloadbalancing", "L-A0D0B863", "Targets per Target Group per Region", 1_000)
BALANCER_GROUPS = Quota(
    "elasticloadbalancing",
    "L-822D1B1B",
    "Target Groups per Application Load Balancer",
    100,
    adjustable=False,
    limit="target-groups-per-application-load-balancer",
)
CLASSIC_BALANCERS = Quota(
    "elasticloadbalancing", "L-E9E9831D", "Classic Load Balancers per Region", 20, limit="classic-load-balancers"
)
CLASSIC_LISTENERS = Quota(
    "elasticloadbalancing", "L-1A491844", "Listeners per Classic Load Balancer", 100, limit="classic-listeners"
)
CLASSIC_INSTANCES = Quota(
    "elasticloadbalancing",
    "L-CE3125E5",
    "Registered Instances per Classic Load Balancer",
    1_000,
    limit="classic-registered-instances",
)
QUOTAS = {
    one.code: one
    for one in (
        STANDARD_VCPUS,
        *OTHER_VCPUS.values(),
        STANDARD_SPOT,
        GROUPS,
        LAUNCH_CONFIGURATIONS,
        TARGET_GROUPS,
        LOAD_BALANCERS,
        LISTENERS,
        RULES,
        BALANCER_TARGETS,
        GROUP_TARGETS,
        BALANCER_GROUPS,
        CLASSIC_BALANCERS,
        CLASSIC_LISTENERS,
        CLASSIC_INSTANCES,
    )
}


@dataclass
class Granted:
    """What was changed in one account and region: values by code, and the requests that changed them."""

    values: dict[str, int] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)


def granted(cloud: Cloud, account: str, region: str) -> Granted:
    return cloud.state(Granted, account, region)


def value(cloud: Cloud, account: str, region: str, quota: Quota) -> int:
    """How many of it are allowed now."""
    return granted(cloud, account, region).values.get(quota.code, quota.granted or quota.default)
