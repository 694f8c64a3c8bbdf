"""S3, as far as it is told before moto answers: which operation a request is, and on which object."""

from __future__ import annotations

from urllib.parse import unquote

from moto.core.request import Request

from apps.localcloud.wire import Params

SERVICE = "s3"
_OF_OBJECTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_SIGNING = "x-amz-"  # how the parts of a presigned URL begin
_PLAIN = frozenset({"x-id", "versionid", "partnumber"})  # what else an object's own URL may hold


def operation_name(request: Request) -> str:
    """IAM's name of what is done with one object; '' for all else (buckets, an object's ACL, parts of an upload)."""
    asked = {name.lower() for name in request.args}
    if not named(request).get("Key") or any(not name.startswith(_SIGNING) for name in asked - _PLAIN):
        return ""
    return _OF_OBJECTS.get(request.method, "")


def named(request: Request) -> Params:
    """The Bucket and the Key of a path-style URL, as far as it has them."""
    bucket, _, key = unquote(request.raw_path).lstrip("/").partition("/")
    return {"Bucket": bucket, "Key": key}
