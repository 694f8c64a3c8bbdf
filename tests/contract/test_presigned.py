"""What goes to S3 by a presigned URL, from somebody without credentials."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import botocore.auth
import httpx
import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


@pytest.fixture
def s3(stack: Stack) -> Any:
    return stack.client("s3")


@pytest.fixture
def bucket(stack: Stack, s3: Any) -> Any:
    name = stack.name("bakes")
    s3.create_bucket(Bucket=name)
    yield name
    for each in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=each["Key"])
    s3.delete_bucket(Bucket=name)


def _url(s3: Any, bucket: str, *, ago: timedelta = timedelta()) -> str:
    """To put the object `a/log`, for a minute from then on."""
    moment = (datetime.now(UTC) - ago).replace(tzinfo=None)
    named = {"Bucket": bucket, "Key": "a/log"}
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):  # a client whose clock differs
        return str(s3.generate_presigned_url("put_object", Params=named, ExpiresIn=60))


@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded"])  # as curl sends it, as urllib does
def test_what_was_put_by_a_presigned_url_is_read(kind: str, s3: Any, bucket: str) -> None:
    """S3 user guide, "Uploading objects with presigned URLs"."""
    body = b"\x1f\x8b\xff all that it printed & more=1"
    headers = {"Content-Type": kind} if kind else {}
    assert httpx.put(_url(s3, bucket), content=body, headers=headers).status_code == 200
    assert s3.get_object(Bucket=bucket, Key="a/log")["Body"].read() == body


def test_a_url_that_is_over_or_forged_or_of_another_object_is_refused(s3: Any, bucket: str) -> None:
    """S3 API reference, "Error responses" (AccessDenied, SignatureDoesNotMatch), and GetObject (NoSuchKey)."""
    url = _url(s3, bucket)
    tried = {
        "Request has expired": _url(s3, bucket, ago=timedelta(minutes=2)),
        "SignatureDoesNotMatch": url.replace("a/log", "a/other"),
        "does not match": url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
    }
    for said, wrong in tried.items():
        answer = httpx.put(wrong, content=b"x")
        assert (answer.status_code, said in answer.text) == (403, True), answer.text
    assert httpx.get(url).status_code == 403, "it is for one method alone"
    assert refused(s3.get_object, Bucket=bucket, Key="a/log") == "NoSuchKey"
