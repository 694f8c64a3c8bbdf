"""S3: a place for what a machine without credentials has to say, and reading it."""

from __future__ import annotations

import contextlib
from typing import Any

from botocore import xform_name

from apps.cloud.aws.clients import client
from apps.cloud.aws.session import call
from apps.cloud.aws.translate import RAISED, translate
from apps.cloud.errors import Invalid
from apps.cloud.values import Target

SERVICE = "s3"


def presigned_put(target: Target, bucket: str, key: str, seconds: int) -> str:
    """A URL to which anybody may PUT that one object for so many seconds, as long as our role may.

    AWS is not asked: whether the bucket is there and we may write to it, only the PUT tells. An assumed role's URL
    ends with its credentials too, about an hour after they were made.
    """
    named = {"Bucket": bucket, "Key": key}
    operation = "PutObject"
    try:
        s3: Any = client(target, SERVICE)
        return str(s3.generate_presigned_url(xform_name(operation), Params=named, ExpiresIn=seconds))
    except RAISED as error:
        raise translate(error, operation) from error


def read_object(target: Target, bucket: str, key: str, limit_bytes: int) -> bytes:
    """GetObject: the whole object. Raises NotFound, and Invalid for one that is larger than `limit_bytes`.

    To a role that may not list the bucket, AWS tells an object that is not there as one denied: that raises Denied.
    """
    answer = call(target, SERVICE, "GetObject", Bucket=bucket, Key=key)
    with contextlib.closing(answer["Body"]) as body:
        if answer["ContentLength"] > limit_bytes:
            raise Invalid(
                f"{key} in {bucket} holds {answer['ContentLength']} bytes; at most {limit_bytes} are read.",
                operation="GetObject",
            )
        try:
            return bytes(body.read())
        except RAISED as error:  # it broke off
            raise translate(error, "GetObject") from error
