"""What every request must pass before anything looks inside it.

The endpoint runs code for whoever may call it, so a web page in a browser on this machine must not reach it: no request
with an Origin, no foreign Host (DNS rebinding), no unsigned request, and never a CORS header in an answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from moto.core.request import Request
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from apps.localcloud import presigned
from apps.localcloud.errors import AwsError
from apps.localcloud.keys import KeyKind, KeyRing
from apps.localcloud.signature import Caller, SignedRequest, verify

_INSTANCE_MAY = ("monitoring", "PutMetricData")


def admit(request: Request, keys: KeyRing, port: int) -> Caller:
    """Who calls. Raises AwsError (403) for whatever must not come in."""
    if "Origin" in request.headers:
        raise AwsError("AccessDenied", "Requests from web pages are refused.", 403)
    if not _is_us(request.headers.get("Host", ""), port):
        raise AwsError("AccessDenied", "The Host header must be this endpoint's own loopback address and port.", 403)
    signed = SignedRequest(
        method=request.method,
        path=request.raw_path,
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=True),
    )
    check = presigned.verify if presigned.is_presigned(signed) else verify
    caller = check(signed, keys, datetime.now(UTC))
    if caller.region not in RegionsAndZonesBackend.zones:
        raise AwsError(
            "SignatureDoesNotMatch", f"Credential should be scoped to a valid region, not '{caller.region}'.", 403
        )
    return caller


def authorize(caller: Caller, operation: str) -> None:
    """Instances may publish metrics and nothing else. Raises AwsError (403)."""
    if caller.key.kind is KeyKind.INSTANCE and (caller.service, operation) != _INSTANCE_MAY:
        raise AwsError(
            "AccessDenied",
            f"User: {caller.key.arn} is not authorized to perform: {caller.service}:{operation}",
            403,
        )


def _is_us(host: str, port: int) -> bool:
    name, _, given_port = host.rpartition(":")
    if given_port != str(port):
        return False
    if name == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
