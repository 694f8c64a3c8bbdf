"""What the sample service tells CloudWatch: signed, complete, and never at the cost of serving."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from moto.server import ThreadedMotoServer

from apps.localcloud import sample
from apps.localcloud.sample.serving.metrics import Count, put_metric_data
from apps.localcloud.sample.serving.sigv4 import Credentials, sign
from tests.load import LoadClient
from tests.localcloud.balancers import text
from tests.localcloud.targets import address, eventually
from tests.localcloud.test_sample_service import running

GROUP = "shop-prod-v001"
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AUTO_SCALING_GROUP_NAME": GROUP,
    "METRICS_SECONDS": "0.2",
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    where = address()
    server = ThreadedMotoServer(ip_address=where, port=8080, verbose=False)
    server.start()
    yield f"http://{where}:8080"
    server.stop()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    sample.build(tmp_path / "image", "shop", "1.4.2")
    return tmp_path / "image"


def _cloudwatch(endpoint: str) -> Any:
    return boto3.client(
        "cloudwatch", "us-east-1", endpoint_url=endpoint, aws_access_key_id="x", aws_secret_access_key="y"
    )


def _sum(endpoint: str, metric: str, statistic: str, **dimensions: str) -> float:
    now = datetime.now(UTC)
    answer = _cloudwatch(endpoint).get_metric_statistics(
        Namespace="Service",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )
    return float(sum(point[statistic] for point in answer["Datapoints"]))


def test_requests_errors_and_latency_reach_cloudwatch_by_group(endpoint: str, tree: Path) -> None:
    with running(tree, AWS_ENDPOINT_URL=endpoint, **ENVIRONMENT) as service:
        for _ in range(20):
            text(service.address)
        eventually(lambda: _sum(endpoint, "Requests", "Sum", AutoScalingGroupName=GROUP) == 20)
        assert _sum(endpoint, "Errors", "Sum", AutoScalingGroupName=GROUP) == 0
        assert _sum(endpoint, "Latency", "SampleCount", AutoScalingGroupName=GROUP) == 20
        assert 0 < _sum(endpoint, "Latency", "Maximum", AutoScalingGroupName=GROUP) < 1000


def test_health_checks_are_not_counted(endpoint: str, tree: Path) -> None:
    environment = ENVIRONMENT | {"AUTO_SCALING_GROUP_NAME": "quiet"}
    with running(tree, AWS_ENDPOINT_URL=endpoint, **environment) as service:
        for _ in range(5):
            text(service.address, "/health")
        text(service.address)
        eventually(lambda: _sum(endpoint, "Requests", "Sum", AutoScalingGroupName="quiet") > 0)
        assert _sum(endpoint, "Requests", "Sum", AutoScalingGroupName="quiet") == 1


def test_a_cloudwatch_that_hangs_or_refuses_harms_no_request(tree: Path) -> None:
    with socket.socket() as silent:
        silent.bind((address(), 8080))
        silent.listen(1)
        for endpoint in (f"http://{silent.getsockname()[0]}:8080", "http://127.0.0.1:1"):
            with running(tree, AWS_ENDPOINT_URL=endpoint, **(ENVIRONMENT | {"METRICS_SECONDS": "0.01"})) as service:
                load = LoadClient(f"http://{service.address}:8080/", rate=200)
                load.start()
                time.sleep(0.7)  # more periods than there is room for
                result = load.stop()
                assert not result.failures, result
                assert result.percentile(0.99) < 1


def test_without_a_group_nothing_is_told(tree: Path, endpoint: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "AUTO_SCALING_GROUP_NAME"}
    with running(tree, AWS_ENDPOINT_URL=endpoint, **environment) as service:
        assert text(service.address) == "shop 1.4.2"


@pytest.mark.parametrize("token", ["", "a+session/token=="])
def test_the_signature_is_botocores(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"Action=PutMetricData&Version=2010-08-01"
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    ours = sign(
        Credentials("AKID", "secret", token), "eu-west-1", "monitoring", "h:1", headers, body, datetime.now(UTC)
    )
    request = AWSRequest("POST", "http://h:1/", data=body, headers=dict(headers))
    stamp = datetime.strptime(ours["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: stamp)
    SigV4Auth(BotoCredentials("AKID", "secret", token or None), "monitoring", "eu-west-1").add_auth(request)
    assert request.headers["Authorization"] == ours["authorization"]


def test_a_period_without_requests_says_nothing_of_latency() -> None:
    form = put_metric_data(Count(), "Service", GROUP, datetime.now(UTC))
    assert {value for key, value in form.items() if key.endswith("MetricName")} == {"Requests", "Errors"}
