"""AWS Signature Version 4, checked as AWS checks it (AWS General Reference, "Signing AWS API requests")."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from apps.localcloud.errors import AwsError
from apps.localcloud.keys import Key, KeyRing

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_SKEW = timedelta(minutes=5)
_AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256\s+Credential=(?P<key>[A-Za-z0-9]+)/(?P<day>\d{8})/(?P<region>[a-z0-9-]+)"
    r"/(?P<service>[a-z0-9.-]+)/aws4_request,\s*SignedHeaders=(?P<headers>[a-z0-9;.-]+),\s*Signature=(?P<signature>[0-9a-f]{64})$"
)


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers. `path` is as it came over the wire, header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Caller:
    key: Key
    region: str
    service: str  # the signing name: "ec2", "monitoring", ...


def verify(request: SignedRequest, keys: KeyRing, now: datetime) -> Caller:
    """Who signed `request`. Raises AwsError (403) for anything but a valid, fresh signature of a known key."""
    header = request.headers.get("authorization")
    if not header:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    match = _AUTHORIZATION.match(header)
    if match is None:
        raise AwsError(
            "IncompleteSignature", f"Authorization header is not a valid {ALGORITHM} credential: '{header[:40]}'", 403
        )
    key = _known_key(request, keys, match["key"], now)
    stamp = _fresh_date(request, match["day"], now)
    signed = match["headers"].split(";")
    if "host" not in signed or not _date_is_signed(signed):
        raise AwsError("SignatureDoesNotMatch", "'Host' and 'X-Amz-Date' must be signed headers.", 403)
    scope = f"{match['day']}/{match['region']}/{match['service']}/aws4_request"
    canonical = _canonical_request(request, signed, match["service"])
    to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    expected = hmac.new(_signing_key(key.secret, scope), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, match["signature"]):
        raise AwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
            " Access Key and signing method. Consult the service documentation for details.",
            403,
        )
    return Caller(key, match["region"], match["service"])


def _date_is_signed(signed: list[str]) -> bool:
    return "x-amz-date" in signed or "date" in signed


def _known_key(request: SignedRequest, keys: KeyRing, access_key_id: str, now: datetime) -> Key:
    key = keys.find(access_key_id)
    if key is None:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    if key.session_token is not None:
        given = request.headers.get("x-amz-security-token", "")
        if not hmac.compare_digest(given.encode(), key.session_token.encode()):
            raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    if key.expired(now):
        raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
    return key


def _fresh_date(request: SignedRequest, day: str, now: datetime) -> str:
    stamp = request.headers.get("x-amz-date", "")
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AwsError("IncompleteSignature", f"X-Amz-Date is missing or malformed: '{stamp[:40]}'", 403) from None
    if abs(now - moment) > MAX_SKEW or not stamp.startswith(day):
        raise AwsError(
            "SignatureDoesNotMatch",
            f"Signature expired: {stamp} is not within {MAX_SKEW.seconds // 60} min of {now:%Y%m%dT%H%M%SZ}.",
            403,
        )
    return stamp


def _canonical_request(request: SignedRequest, signed: list[str], service: str) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    return "\n".join(
        [
            request.method,
            request.path if service == "s3" else quote(request.path or "/", safe="/-_.~"),
            _canonical_query(request.query),
            headers,
            ";".join(signed),
            _payload_hash(request, service),
        ]
    )


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _payload_hash(request: SignedRequest, service: str) -> str:
    actual = hashlib.sha256(request.body).hexdigest()
    if service != "s3":
        return actual
    told = request.headers.get("x-amz-content-sha256", actual)
    if re.fullmatch(r"[0-9a-f]{64}", told) and told != actual:
        raise AwsError("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match.", 400)
    return told


def _signing_key(secret: str, scope: str) -> bytes:
    value = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        value = hmac.new(value, part.encode(), hashlib.sha256).digest()
    return value
