"""Networks: VPCs, subnets, security groups; and the names and certificates by which they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class VpcState:
    """A VPC as DescribeVpcs answers it; `cidr` is its first block, as 10.0.0.0/16."""

    id: str
    cidr: str


@dataclass(frozen=True)
class SubnetState:
    """A subnet as DescribeSubnets answers it; `free_addresses` leaves out those that AWS keeps for itself."""

    id: str
    zone: str
    free_addresses: int
    vpc_id: str = ""


@dataclass(frozen=True, order=True)
class Ingress:
    """TCP that a security group lets in to a port: from addresses (CIDR) or from a security group, by its id."""

    port: int
    source: str


@dataclass(frozen=True)
class SecurityGroupState:
    """A security group; `ingress` are its rules of one TCP port, `others` says whether it has any of another kind."""

    id: str
    name: str
    vpc_id: str
    ingress: tuple[Ingress, ...] = ()
    others: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CertificateState:
    """A certificate of Certificate Manager; `status` is ISSUED where it can be used."""

    arn: str
    domain: str
    status: str


@dataclass(frozen=True)
class HostedZone:
    """A hosted zone of Route 53; its name without the dot at its end."""

    id: str
    name: str
    private: bool = False


@dataclass(frozen=True)
class RecordState:
    """A record of a hosted zone, its name without the dot at its end.

    `alias` is the DNS name that it stands for, in lower case, in the zone `alias_zone`; both are empty where it has
    values of its own.
    """

    name: str
    type: str  # A, AAAA, CNAME, ...
    alias: str = ""
    alias_zone: str = ""
    values: tuple[str, ...] = ()
