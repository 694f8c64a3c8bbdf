"""Who is let in to the embedded cloud: it runs code for whoever may call it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import Place, boto3_session, cloud, place

__all__ = ["cloud", "place"]

BODY = "Action=GetCallerIdentity&Version=2011-06-15"


def _signed(
    running: RunningCloud, *, secret: str = "", when: datetime | None = None, body: str = BODY
) -> dict[str, str]:
    """The headers of a signed GetCallerIdentity."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", running.endpoint + "/", headers=headers, data=body)
    credentials = Credentials(running.access_key_id, secret or running.secret_access_key)
    moment = (when or datetime.now(UTC)).replace(tzinfo=None)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):  # a client whose clock differs
        botocore.auth.SigV4Auth(credentials, "sts", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def _send(
    running: RunningCloud, headers: dict[str, str], body: str = BODY, method: str = "POST"
) -> tuple[int, str, Any]:
    """(status, body, headers) of a raw request."""
    where = urlsplit(running.endpoint)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=10)
    try:
        connection.request(method, "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers
    finally:
        connection.close()


@pytest.fixture
def instance(place: Place, cloud: RunningCloud) -> Iterator[dict[str, str]]:
    """The environment that a running instance sees, by its console."""
    from tests.contract.stack import Embedded

    folder = cloud.work / "console-image"
    folder.mkdir(exist_ok=True)
    (folder / "service.py").write_text("import os\nfor pair in os.environ.items():\n    print('='.join(pair))\n")
    stack = Embedded(place, folder)
    image = stack.ec2.register_image(Name="console", Architecture="x86_64", ImageLocation=f"localcloud:{folder}")
    made = stack.ec2.run_instances(ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1)
    instance_id = made["Instances"][0]["InstanceId"]

    def look() -> str:
        printed: str = stack.ec2.get_console_output(InstanceId=instance_id)["Output"]
        return printed if "AWS_SECRET_ACCESS_KEY" in printed and printed.endswith("\n") else ""

    lines = stack.eventually(look, "the console").splitlines()
    yield dict(line.split("=", 1) for line in lines if "=" in line)
    stack.ec2.terminate_instances(InstanceIds=[instance_id])


def test_a_signed_request_is_answered(cloud: RunningCloud) -> None:
    status, body, _ = _send(cloud, _signed(cloud))
    assert status == 200
    assert cloud.account in body


def test_an_unsigned_request_is_refused(cloud: RunningCloud) -> None:
    status, body, _ = _send(cloud, {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 403
    assert "MissingAuthenticationToken" in body


def test_a_wrong_secret_is_refused(cloud: RunningCloud) -> None:
    status, body, _ = _send(cloud, _signed(cloud, secret="wrong"))
    assert status == 403
    assert "SignatureDoesNotMatch" in body


def test_an_unknown_key_is_refused(cloud: RunningCloud) -> None:
    headers = _signed(cloud)
    headers["Authorization"] = headers["Authorization"].replace(cloud.access_key_id, "AKIAIOSFODNN7EXAMPLE")
    status, body, _ = _send(cloud, headers)
    assert status == 403
    assert "InvalidClientTokenId" in body


def test_a_body_that_was_changed_on_the_way_is_refused(cloud: RunningCloud) -> None:
    status, body, _ = _send(cloud, _signed(cloud), body=BODY + "&More=1")
    assert status == 403
    assert "SignatureDoesNotMatch" in body


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_stale_date_is_refused(cloud: RunningCloud, minutes: int) -> None:
    status, body, _ = _send(cloud, _signed(cloud, when=datetime.now(UTC) + timedelta(minutes=minutes)))
    assert status == 403
    assert "Signature expired" in body


def test_a_temporary_key_needs_its_session_token(cloud: RunningCloud) -> None:
    root = boto3_session("us-east-1", cloud.access_key_id, cloud.secret_access_key)
    sts = root.client("sts", endpoint_url=cloud.endpoint)
    given = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/console", RoleSessionName="tests")["Credentials"]
    bare = boto3_session("us-east-1", given["AccessKeyId"], given["SecretAccessKey"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        bare.client("sts", endpoint_url=cloud.endpoint).get_caller_identity()


def test_a_request_of_a_web_page_is_refused_and_no_cors_header_is_sent(cloud: RunningCloud) -> None:
    for method in ("POST", "OPTIONS"):
        status, _, headers = _send(cloud, {**_signed(cloud), "Origin": "http://evil.example"}, method=method)
        assert status == 403
        assert not [name for name in headers if name.lower().startswith("access-control-")]
    _, _, headers = _send(cloud, _signed(cloud))
    assert not [name for name in headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "10.0.0.1:{port}", ""])
def test_a_foreign_host_is_refused(cloud: RunningCloud, host: str) -> None:
    port = urlsplit(cloud.endpoint).port
    status, body, _ = _send(cloud, {**_signed(cloud), "Host": host.format(port=port)})
    assert status == 403
    assert "Host" in body


def test_the_endpoint_listens_on_loopback_only(cloud: RunningCloud) -> None:
    where = urlsplit(cloud.endpoint)
    assert str(where.hostname).startswith("127.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent: this only chooses our outside address
        outside = probe.getsockname()[0]
    assert not outside.startswith("127.")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((outside, int(where.port or 0)), 5)


def test_the_description_is_readable_by_its_owner_alone(cloud: RunningCloud) -> None:
    mode = (cloud.work / "localcloud.json").stat().st_mode
    assert mode & 0o777 == 0o600


def test_an_instances_key_may_put_metrics_and_nothing_else(cloud: RunningCloud, instance: dict[str, str]) -> None:
    session = boto3_session("us-east-1", instance["AWS_ACCESS_KEY_ID"], instance["AWS_SECRET_ACCESS_KEY"])
    metrics = session.client("cloudwatch", endpoint_url=instance["AWS_ENDPOINT_URL"])
    metrics.put_metric_data(Namespace="Service", MetricData=[{"MetricName": "Requests", "Value": 1.0}])
    with pytest.raises(ClientError, match="AccessDenied"):
        metrics.list_metrics()
    for service, call in (("ec2", "describe_instances"), ("sts", "get_caller_identity"), ("s3", "list_buckets")):
        with pytest.raises(ClientError, match=r"AccessDenied|Forbidden|403"):
            getattr(session.client(service, endpoint_url=cloud.endpoint), call)()


def test_a_giant_body_is_refused_unread(cloud: RunningCloud) -> None:
    where = urlsplit(cloud.endpoint)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), 10) as link:
        link.sendall(f"POST / HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 99999999999\r\n\r\n".encode())
        assert b" 413 " in link.recv(4096).splitlines()[0]


def test_what_is_not_offered_is_named_in_an_error_of_the_services_kind(place: Place) -> None:
    with pytest.raises(ClientError, match="does not offer lambda"):
        place.client("lambda").list_functions()
    with pytest.raises(ClientError, match="StartInstanceRefresh"):
        place.client("autoscaling").start_instance_refresh(AutoScalingGroupName="x")


def test_the_emulators_own_switches_cannot_be_reached(cloud: RunningCloud, place: Place) -> None:
    template = place.client("ec2").create_launch_template(
        LaunchTemplateName="kept", LaunchTemplateData={"InstanceType": "t3.micro"}
    )
    where = urlsplit(cloud.endpoint)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=10)
    connection.request("POST", "/moto-api/reset")
    assert connection.getresponse().status == 403
    connection.close()
    assert template["LaunchTemplate"]["LaunchTemplateName"] == "kept"
