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


@dataclass(frozen=True)
class Claim:
    """What a signature says of itself, and what it must be the signature of."""

    scope: str  # "20261129/us-east-1/s3/aws4_request"
    signed: list[str]  # names of headers
    stamp: str  # when, as 20261129T023000Z
    signature: str
    payload: str  # the body's hash, or what stands for it
    query: str

    @property
    def region(self) -> str:
        return self.scope.split("/")[1]

    @property
    def service(self) -> str:
        return self.scope.split("/")[2]


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
    key = known_key(match["key"], request.headers.get("x-amz-security-token", ""), keys, now)
    stamp = _fresh_date(request, match["day"], now)
    signed = match["headers"].split(";")
    if "host" not in signed or not _date_is_signed(signed):
        raise AwsError("SignatureDoesNotMatch", "'Host' and 'X-Amz-Date' must be signed headers.", 403)
    claim = Claim(
        scope=f"{match['day']}/{match['region']}/{match['service']}/aws4_request",
        signed=signed,
        stamp=stamp,
        signature=match["signature"],
        payload=_payload_hash(request, match["service"]),
        query=request.query,
    )
    return prove(claim, request, key)


def prove(claim: Claim, request: SignedRequest, key: Key) -> Caller:
    """The caller, if the signature is the one that `key` makes. Raises AwsError (403)."""
    canonical = _canonical_request(request, claim)
    to_sign = "\n".join([ALGORITHM, claim.stamp, claim.scope, hashlib.sha256(canonical.encode()).hexdigest()])
    expected = hmac.new(_signing_key(key.secret, claim.scope), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise AwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
            " Access Key and signing method. Consult the service documentation for details.",
            403,
        )
    return Caller(key, claim.region, claim.service)


def _date_is_signed(signed: list[str]) -> bool:
    return "x-amz-date" in signed or "date" in signed


def known_key(access_key_id: str, token: str, keys: KeyRing, now: datetime) -> Key:
    """The key, with its session token if it has one. Raises AwsError (403)."""
    key = keys.find(access_key_id)
    if key is None:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    if key.session_token is not None and not hmac.compare_digest(token.encode(), key.session_token.encode()):
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


def _canonical_request(request: SignedRequest, claim: Claim) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in claim.signed)
    return "\n".join(
        [
            request.method,
            request.path if claim.service == "s3" else quote(request.path or "/", safe="/-_.~"),
            _canonical_query(claim.query),
            headers,
            ";".join(claim.signed),
            claim.payload,
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
