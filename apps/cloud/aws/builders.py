"""EC2: machines that are launched one by one, to be made into an image: no group has them, nobody logs in to them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from apps.cloud.aws.ec2_shapes import instance_state
from apps.cloud.aws.inside import console_output
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import tag_list
from apps.cloud.errors import Invalid, NotFound
from apps.cloud.values import InstanceState, Target

SERVICE = "ec2"
_TAGGED = ("instance", "volume")
_NOT_THIS_TYPE = "UnsupportedOperation"  # what AWS answers for a type that has no console to be read at any time


def launch_builder(
    target: Target,
    *,
    image_id: str,
    instance_type: str,
    user_data: str,
    token: str,
    tags: Mapping[str, str],
    subnet: str = "",
    security_groups: Sequence[str] = (),
    instance_profile: str = "",
) -> str:
    """RunInstances: one machine, its id. Its own shutdown stops it; its metadata service takes tokens only (IMDSv2).

    `user_data` is plain text of at most 16 KB; `instance_profile` is a name or an ARN; without a `subnet` AWS takes
    the default one of some zone. `tags` are the machine's and its volumes'. Takes a client token (at most 64
    characters): a repeat with the same one answers the machine already launched, and raises Invalid
    (IdempotentParameterMismatch) if it asks for another. Took effect if find_builder finds it.
    """
    kind = "Arn" if instance_profile.startswith("arn:") else "Name"
    answer = call(
        target,
        SERVICE,
        "RunInstances",
        ImageId=image_id,
        InstanceType=instance_type,
        MinCount=1,
        MaxCount=1,
        UserData=user_data,
        ClientToken=token,
        InstanceInitiatedShutdownBehavior="stop",
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        SubnetId=subnet or None,
        SecurityGroupIds=list(security_groups) or None,
        IamInstanceProfile={kind: instance_profile} if instance_profile else None,
        TagSpecifications=[{"ResourceType": each, "Tags": tag_list(tags)} for each in _TAGGED] if tags else None,
    )
    return str(answer["Instances"][0]["InstanceId"])


def find_builder(target: Target, token: str) -> InstanceState | None:
    """The machine that was launched with this client token, whatever its state; None while AWS shows none.

    Just after the launch AWS may not show it yet; about an hour after its end it no longer does.
    """
    filters = [{"Name": "client-token", "Values": [token]}]
    for answer in pages(target, SERVICE, "DescribeInstances", Filters=filters):
        for reservation in answer["Reservations"]:
            for shape in reservation["Instances"]:
                return instance_state(shape)
    return None


def printed(target: Target, instance: str) -> str:
    """The last 64 KB that the machine printed, up to now where its type can tell; empty until AWS has any.

    Other types tell it some minutes after each start and stop. Raises NotFound.
    """
    try:
        return console_output(target, instance, latest=True)
    except Invalid as error:
        if error.code != _NOT_THIS_TYPE:
            raise
    return console_output(target, instance)


def terminate(target: Target, instance: str) -> None:
    """TerminateInstances, with its volumes. Repeating it is harmless; a machine that is gone is passed over."""
    with contextlib.suppress(NotFound):
        call(target, SERVICE, "TerminateInstances", InstanceIds=[instance])
