"""How calls to AWS are repeated, held back, told of, and how they fail."""

import socket
import threading
import time

import pytest

from apps.cloud import errors
from apps.cloud.aws import autoscaling, pace
from apps.cloud.aws.session import CALL_TIMEOUT, call, changing_calls_before, observe


def test_a_read_that_is_throttled_is_repeated_until_answered(aws, anywhere):
    aws.error(400, "Throttling", "Rate exceeded")
    aws.error(400, "Throttling", "Rate exceeded")
    aws.groups("shop-v001")
    assert [group.name for group in autoscaling.describe_groups(anywhere)] == ["shop-v001"]
    assert len(aws.asked) == 3


def test_a_read_gives_up_after_a_few_attempts(aws, anywhere):
    aws.error(503, "ServiceUnavailable")
    with pytest.raises(errors.Unavailable):
        autoscaling.describe_groups(anywhere)
    assert len(aws.asked) == pace.ATTEMPTS


def test_a_read_that_is_refused_is_not_repeated(aws, anywhere):
    aws.error(403, "AccessDenied", "not you")
    with pytest.raises(errors.Denied, match="DescribeAutoScalingGroups: not you"):
        autoscaling.describe_groups(anywhere)
    assert len(aws.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "Throttling", errors.Throttled), (500, "InternalFailure", errors.Unavailable)],
)
def test_a_changing_call_is_never_repeated(aws, anywhere, status, code, kind):
    aws.error(status, code)
    with pytest.raises(kind):
        autoscaling.delete_group(anywhere, "shop-v001", force=False)
    assert len(aws.asked) == 1


def test_lists_are_read_to_the_last_page(aws, anywhere):
    aws.groups("shop-v001", token="more")
    aws.groups("shop-v002")
    assert [group.name for group in autoscaling.describe_groups(anywhere)] == ["shop-v001", "shop-v002"]
    assert aws.asked[1]["NextToken"] == "more"
    assert aws.asked[0]["MaxRecords"] == "100"


def test_a_list_that_never_ends_is_an_error(aws, anywhere):
    aws.groups("shop-v001", token="again")
    with pytest.raises(errors.Unavailable, match="same page twice"):
        autoscaling.describe_groups(anywhere)


def test_no_endpoint_is_unavailable(monkeypatch, aws, anywhere):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(errors.Unavailable):
            autoscaling.suspend(anywhere, "shop-v001", ["Launch"])


def test_an_answer_that_is_not_xml_is_unavailable(aws, anywhere):
    aws.answer(200, "<html>a proxy's greeting")
    with pytest.raises(errors.Unavailable, match="could not be read"):
        autoscaling.delete_group(anywhere, "shop-v001", force=True)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (400, "AlreadyExists", "taken", errors.AlreadyExists),
        (400, "ValidationError", "AutoScalingGroup name not found - null", errors.NotFound),
        (400, "ValidationError", "Min bound, 3, must be less than max bound", errors.Invalid),
        (400, "ScalingActivityInProgress", "busy", errors.InUse),
        (400, "ResourceInUse", "has instances", errors.InUse),
        (400, "ResourceContention", "pending update", errors.Throttled),
        (400, "InvalidAMIID.NotFound", "no such image", errors.NotFound),
        (400, "InvalidAMIName.Duplicate", "taken", errors.AlreadyExists),
        (400, "InvalidSnapshot.InUse", "of an image", errors.InUse),
        (404, "NoSuchKey", "no such object", errors.NotFound),
        (400, "InvalidLaunchTemplateName.AlreadyExistsException", "taken", errors.AlreadyExists),
        (403, "UnauthorizedOperation", "no", errors.Denied),
        (403, "ExpiredToken", "old", errors.Denied),
        (429, "Whatever", "slow down", errors.Throttled),
        (502, "Whatever", "bad gateway", errors.Unavailable),
        (400, "SomethingNew", "odd", errors.Invalid),
    ],
)
def test_awss_errors_become_ours(aws, anywhere, status, code, message, kind):
    aws.error(status, code, message)
    with pytest.raises(errors.CloudError) as raised:
        autoscaling.delete_group(anywhere, "shop-v001", force=False)
    assert type(raised.value) is kind
    assert (raised.value.operation, raised.value.code) == ("DeleteAutoScalingGroup", code)
    assert message in str(raised.value)


def test_a_changing_call_that_could_outlive_the_lease_is_not_sent(aws, anywhere):
    aws.answer(200, "<x/>")
    with (
        changing_calls_before(lambda: time.monotonic() + CALL_TIMEOUT - 0.1),
        pytest.raises(errors.LeaseTooShort, match="DeleteAutoScalingGroup was not sent"),
    ):
        autoscaling.delete_group(anywhere, "shop-v001", force=True)
    assert aws.asked == []


def test_reads_go_on_whatever_the_lease(aws, anywhere):
    aws.groups("shop-v001")
    with changing_calls_before(lambda: time.monotonic() - 1):
        assert len(autoscaling.describe_groups(anywhere)) == 1


def test_a_lease_that_is_long_enough_lets_the_call_go_and_ends_with_its_block(aws, anywhere):
    aws.answer(200, "<x/>")
    with changing_calls_before(lambda: time.monotonic() + CALL_TIMEOUT + 5):
        autoscaling.delete_group(anywhere, "shop-v001", force=True)
    with changing_calls_before(time.monotonic):
        pass
    autoscaling.delete_group(anywhere, "shop-v002", force=True)
    assert [each["AutoScalingGroupName"] for each in aws.asked] == ["shop-v001", "shop-v002"]


def test_observers_are_told_of_every_request_repeats_and_refusals_included(aws, anywhere):
    outer, inner = [], []
    aws.error(400, "Throttling")
    aws.groups()
    with observe(outer.append):
        autoscaling.describe_groups(anywhere)
        with observe(inner.append), changing_calls_before(lambda: 0.0), pytest.raises(errors.LeaseTooShort):
            autoscaling.delete_group(anywhere, "shop-v001", force=True)
    autoscaling.describe_groups(anywhere)
    assert [(record.operation, record.outcome, record.changing) for record in outer] == [
        ("DescribeAutoScalingGroups", "Throttled", False),
        ("DescribeAutoScalingGroups", "ok", False),
        ("DeleteAutoScalingGroup", "LeaseTooShort", True),
    ]
    assert [record.operation for record in inner] == ["DeleteAutoScalingGroup"]


def test_one_client_serves_many_threads(aws, anywhere):
    aws.groups("shop-v001")
    found = []

    def read():
        found.append(autoscaling.describe_groups(anywhere)[0].name)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["shop-v001"] * 8


def test_parameters_that_are_none_are_left_out(aws, anywhere):
    aws.answer(200, "<x/>")
    call(anywhere, "autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName="shop-v001", MinSize=None, MaxSize=3)
    assert "MinSize" not in aws.asked[0]
    assert aws.asked[0]["MaxSize"] == "3"
