"""Presigned URLs: a signature in the query, by which whoever has the URL may make that one request, for a while.

As AWS checks it (S3 API reference, "Authenticating Requests: Using Query Parameters"); for S3 only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from apps.localcloud.errors import AwsError
from apps.localcloud.keys import KeyRing
from apps.localcloud.signature import ALGORITHM, MAX_SKEW, Caller, Claim, SignedRequest, known_key, prove

SIGNATURE = "X-Amz-Signature"
LONGEST = 7 * 24 * 3600  # seconds for which a URL may be made
_CREDENTIAL = re.compile(r"(?P<key>[A-Za-z0-9]+)/(?P<day>\d{8})/[a-z0-9-]+/s3/aws4_request")


def is_presigned(request: SignedRequest) -> bool:
    """Whether the signature is in the query."""
    return "authorization" not in request.headers and f"{SIGNATURE}=" in request.query


def verify(request: SignedRequest, keys: KeyRing, now: datetime) -> Caller:
    """Who signed the URL. Raises AwsError (403) for one that is forged or over, or whose key is gone."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    match = _CREDENTIAL.fullmatch(query.get("X-Amz-Credential", ""))
    if query.get("X-Amz-Algorithm") != ALGORITHM or match is None:
        raise _malformed("the credential must be one for s3, and the algorithm " + ALGORITHM)
    stamp = _in_time(query, match["day"], now)
    claim = Claim(
        scope=match[0].partition("/")[2],
        signed=query.get("X-Amz-SignedHeaders", "").split(";"),
        stamp=stamp,
        signature=query.get(SIGNATURE, ""),
        payload="UNSIGNED-PAYLOAD",
        query="&".join(one for one in request.query.split("&") if not one.startswith(f"{SIGNATURE}=")),
    )
    key = known_key(match["key"], query.get("X-Amz-Security-Token", ""), keys, now)
    if "host" not in claim.signed:
        raise _malformed("'Host' must be a signed header")
    return prove(claim, request, key)


def _in_time(query: Mapping[str, str], day: str, now: datetime) -> str:
    stamp, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    if not re.fullmatch(r"\d{1,6}", seconds) or not 1 <= int(seconds) <= LONGEST:
        raise _malformed(f"X-Amz-Expires must be between 1 and {LONGEST} seconds")
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _malformed("X-Amz-Date is missing or malformed") from None
    if not stamp.startswith(day) or moment > now + MAX_SKEW:
        raise AwsError("AccessDenied", "Request is not valid yet", 403)
    if now > moment + timedelta(seconds=int(seconds)):
        raise AwsError("AccessDenied", "Request has expired", 403)
    return stamp


def _malformed(why: str) -> AwsError:
    return AwsError("AuthorizationQueryParametersError", f"The presigned URL is malformed: {why}.", 403)
