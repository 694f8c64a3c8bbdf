"""AWS Signature Version 4 for requests with a body and no query, as AWS documents it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Credentials:
    """An access key; `token` is set for temporary ones."""

    access_key: str
    secret_key: str
    token: str = ""


def sign(
    credentials: Credentials, region: str, service: str, host: str, headers: dict[str, str], body: bytes, now: datetime
) -> dict[str, str]:
    """The headers with which a `POST /` is signed; `now` is in UTC."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = {name.lower(): value for name, value in headers.items()} | {"host": host, "x-amz-date": stamp}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        ["POST", "/", "", *(f"{name}:{signed[name].strip()}" for name in sorted(signed)), "", names, _hash(body)]
    )
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, _hash(canonical.encode())])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    signature = _mac(key, text).hex()
    given = f"Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return signed | {"authorization": f"AWS4-HMAC-SHA256 {given}"}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
