"""What is read quickly is what botocore reads, for any answer its own models allow."""

import gc
import random
from xml.sax.saxutils import escape

import pytest
from botocore.model import ListShape, StructureShape
from botocore.parsers import create_parser
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from apps.cloud.aws import quickxml
from apps.cloud.aws.ec2_shapes import INSTANCE_MEMBERS
from apps.cloud.aws.resting import collector_resting

SESSION = Session()
OPERATIONS = [
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("autoscaling", "DescribeScalingActivities"),
    ("autoscaling", "DescribePolicies"),
    ("ec2", "DescribeImages"),
    ("ec2", "DescribeLaunchTemplates"),
    ("ec2", "DescribeLaunchTemplateVersions"),
    ("ec2", "DescribeInstanceTypes"),
    ("elbv2", "DescribeTargetGroups"),
    ("elbv2", "DescribeListeners"),
    ("elbv2", "DescribeRules"),
    ("elbv2", "DescribeTargetHealth"),
    ("elbv2", "DescribeLoadBalancers"),
]
TEXTS = ["", "shop", "a <b> & 'c'", "grün", "2026"]
TIMES = ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.123Z", "2026-11-20T10:00:00.123000+00:00"]


GROUP = (
    b"<R><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>%s</member></AutoScalingGroups>"
    b"</DescribeAutoScalingGroupsResult></R>"
)


def model(service, operation):
    return SESSION.get_service_model(service).operation_model(operation)


def scalar(shape, rng):
    return {
        "string": lambda: escape(rng.choice(TEXTS)),
        "integer": lambda: str(rng.randint(0, 2**31)),
        "long": lambda: str(rng.randint(0, 2**40)),
        "double": lambda: repr(rng.random()),
        "float": lambda: repr(rng.random()),
        "boolean": lambda: rng.choice(["true", "false"]),
        "timestamp": lambda: rng.choice(TIMES),
        "blob": lambda: "aGVsbG8=",
    }[shape.type_name]()


def content(shape, rng, depth):
    """The inside of an element of this shape."""
    if isinstance(shape, ListShape):
        tag = shape.member.serialization.get("name", "member")
        return "".join(f"<{tag}>{content(shape.member, rng, depth + 1)}</{tag}>" for _ in range(rng.randint(0, 3)))
    if not isinstance(shape, StructureShape):
        return scalar(shape, rng)
    members = [(name, member) for name, member in shape.members.items() if depth < 9 and rng.random() < 0.7]
    members = [(name, member) for name, member in members if member.type_name != "map"]  # left to botocore
    tags = [(member.serialization.get("name", name), member) for name, member in members]
    return "".join(f"<{tag}>{content(member, rng, depth + 1)}</{tag}>" for tag, member in tags) + "<new>x</new>"


def answer(operation, rng):
    shape = operation.output_shape
    inside = content(shape, rng, 0)
    wrapper = shape.serialization.get("resultWrapper")
    if wrapper:
        inside = f"<{wrapper}>{inside}</{wrapper}><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
    namespace = rng.choice(["", ' xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'])
    return f"<{operation.name}Response{namespace}>{inside}</{operation.name}Response>".encode()


def by_botocore(operation, body):
    parser = create_parser(operation.service_model.resolved_protocol)
    found = parser.parse({"body": body, "status_code": 200, "headers": {}}, operation.output_shape)
    found.pop("ResponseMetadata")
    return found


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
@given(seed=st.integers(0, 2**32))
def test_an_answer_is_read_as_botocore_reads_it(service, name, seed):
    operation = model(service, name)
    body = answer(operation, random.Random(seed))  # noqa: S311 - made-up answers
    assert quickxml.read(body, operation) == by_botocore(operation, body)


@given(seed=st.integers(0, 2**32))
def test_of_instances_what_we_look_at_is_read_as_botocore_reads_it(seed):
    operation = model("ec2", "DescribeInstances")
    body = answer(operation, random.Random(seed))  # noqa: S311 - made-up answers
    expected = by_botocore(operation, body)
    for reservation in expected.get("Reservations", []):
        for number, instance in enumerate(reservation.get("Instances", [])):
            reservation["Instances"][number] = {key: instance[key] for key in instance if key in INSTANCE_MEMBERS}
    assert quickxml.read(body, operation) == expected


def test_every_member_we_look_at_is_one_of_an_instance():
    shape = SESSION.get_service_model("ec2").shape_for("Instance")
    assert set(shape.members) >= INSTANCE_MEMBERS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<DescribeAutoScalingGroupsResponse/>",
        b"<R><DescribeLoadBalancersResult/></R>",
        GROUP % b"<MinSize>few</MinSize>",
        GROUP % b"<CreatedTime>yesterday</CreatedTime>",
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_botocore(body):
    with pytest.raises(quickxml.Unusual):
        quickxml.read(body, model("autoscaling", "DescribeAutoScalingGroups"))


def test_answers_in_another_protocol_are_left_to_botocore():
    with pytest.raises(quickxml.Unusual):
        quickxml.read(b"{}", model("ecs", "DescribeClusters"))


def test_the_collector_rests_and_wakes_as_it_was():
    assert gc.isenabled()
    with collector_resting():
        with collector_resting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
