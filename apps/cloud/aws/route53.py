"""Route 53: hosted zones, and records that stand for a load balancer. It is the same in every region.

None of these calls has a client token; each wrapper says how to see whether it took effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.cloud.aws.session import call
from apps.cloud.aws.shapes import Shape
from apps.cloud.values import HostedZone, RecordState, Target

SERVICE = "route53"
PAGE = "100"  # the most zones, and the most records, one call answers that are asked for
ADDRESS = "A"  # the type of a record that stands for a load balancer
_ESCAPED_STAR = r"\052"


def hosted_zones(target: Target) -> tuple[HostedZone, ...]:
    """The hosted zones of the account."""
    found: list[HostedZone] = []
    marker: str | None = None
    while True:
        answer = call(target, SERVICE, "ListHostedZones", MaxItems=PAGE, Marker=marker)
        found += [_zone(shape) for shape in answer["HostedZones"]]
        marker = answer.get("NextMarker")
        if not answer.get("IsTruncated") or not marker:
            return tuple(found)


def records(target: Target, zone: str, name: str) -> tuple[RecordState, ...]:
    """The records of exactly this name, of whatever type. Raises NotFound for an unknown zone."""
    return tuple(each for each in _records(target, zone, name) if each.name == plain(name))


def create_alias(target: Target, zone: str, name: str, balancer: str, balancer_zone: str) -> None:
    """ChangeResourceRecordSets: a record of type A that stands for a load balancer, by its DNS name and its own zone.

    Raises Invalid where a record of this name and type stands. Took effect if `records` shows it.
    """
    _change(target, "CREATE", zone, name, balancer, balancer_zone)


def delete_alias(target: Target, zone: str, name: str, balancer: str, balancer_zone: str) -> None:
    """ChangeResourceRecordSets: takes away the record that `create_alias` made of the same.

    Raises Invalid where none stands, or one that stands for something else. Took effect if `records` lacks it.
    """
    _change(target, "DELETE", zone, name, balancer, balancer_zone)


def plain(name: str) -> str:
    """A DNS name as we write it: in lower case, without the dot at its end."""
    return name.rstrip(".").replace(_ESCAPED_STAR, "*").lower()


def _change(target: Target, action: str, zone: str, name: str, balancer: str, balancer_zone: str) -> None:
    alias = {"HostedZoneId": balancer_zone, "DNSName": f"{plain(balancer)}.", "EvaluateTargetHealth": False}
    record = {"Name": f"{plain(name)}.", "Type": ADDRESS, "AliasTarget": alias}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    call(target, SERVICE, "ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch=batch)


def _records(target: Target, zone: str, name: str) -> Iterator[RecordState]:
    """From this name on, in Route 53's order, as far as the first page goes: a name has one record of each type."""
    answer = call(
        target, SERVICE, "ListResourceRecordSets", HostedZoneId=zone, StartRecordName=f"{plain(name)}.", MaxItems=PAGE
    )
    yield from (_record(shape) for shape in answer["ResourceRecordSets"])


def _zone(shape: Shape) -> HostedZone:
    config: dict[str, Any] = shape.get("Config") or {}
    return HostedZone(shape["Id"].rpartition("/")[2], plain(shape["Name"]), bool(config.get("PrivateZone")))


def _record(shape: Shape) -> RecordState:
    alias = shape.get("AliasTarget") or {}
    return RecordState(
        name=plain(shape["Name"]),
        type=shape["Type"],
        alias=plain(alias.get("DNSName", "")),
        alias_zone=alias.get("HostedZoneId", ""),
        values=tuple(each["Value"] for each in shape.get("ResourceRecords") or ()),
    )
