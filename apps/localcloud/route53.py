"""Route 53, as far as it is told before moto answers: which operation a request is, on which zone, and what AWS refuses
that moto lets through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from moto.core.request import Request

from apps.localcloud.errors import AwsError
from apps.localcloud.wire import Params

SERVICE = "route53"
CHANGE = "ChangeResourceRecordSets"
_PATH = re.compile(r"^/[\d_-]+/hostedzone(?:/(?P<zone>[^/]+)(?P<records>/rrset)?)?/?$")
_OF_ZONES = {"GET": "ListHostedZones", "POST": "CreateHostedZone"}
_OF_ZONE = {"GET": "GetHostedZone", "DELETE": "DeleteHostedZone"}
_OF_RECORDS = {"GET": "ListResourceRecordSets", "POST": CHANGE}


def operation_name(request: Request) -> str:
    """IAM's name of what is done with hosted zones and their records; '' for all else."""
    match = _PATH.match(request.path)
    if match is None:
        return ""
    known = _OF_RECORDS if match["records"] else _OF_ZONE if match["zone"] else _OF_ZONES
    return known.get(request.method, "")


def named(request: Request) -> Params:
    """The HostedZoneId of a request's path, as far as it has one."""
    match = _PATH.match(request.path)
    return {"HostedZoneId": match["zone"]} if match and match["zone"] else {}


def check(request: Request, account: str) -> None:
    """Raises AwsError for a change that makes a record which stands, or takes one away that does not stand so."""
    from moto.route53.models import route53_backends  # few clouds are asked for it

    zone = route53_backends[account]["aws"].zones.get(str(named(request)["HostedZoneId"]))
    if zone is None:
        return  # moto says so
    standing = {(each.name, each.type): each for each in zone.rrsets}
    for action, name, kind, alias in _changes(request):
        what = f"[name='{name}', type='{kind}']"
        found = standing.get((name, kind))
        if action == "CREATE" and found is not None:
            told = f"Tried to create resource record set {what} but it already exists"
            raise AwsError("InvalidChangeBatch", f"[{told}]")
        if action == "DELETE" and (found is None or (alias and alias != _alias(found))):
            told = f"Tried to delete resource record set {what} but it was not found"
            raise AwsError("InvalidChangeBatch", f"[{told}]")


def _alias(record: Any) -> str:
    return str((record.alias_target or {}).get("DNSName", ""))


def _changes(request: Request) -> Iterator[tuple[str, str, str, str]]:
    """Action, name, type and alias (empty where it has none) of each change."""
    try:
        root = ElementTree.fromstring(request.get_data(cache=True))  # noqa: S314 -- of a caller who runs code here
    except ElementTree.ParseError as error:
        raise AwsError("InvalidInput", f"The body is no XML: {error}") from error
    for change in root.findall(".//{*}Change"):
        texts = (change.findtext(f".//{{*}}{member}") or "" for member in ("Action", "Name", "Type", "DNSName"))
        action, name, kind, alias = texts
        yield action, f"{name.rstrip('.')}.", kind, alias
