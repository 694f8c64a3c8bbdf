"""Launch templates: versions, inheritance, tokens."""

import base64

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.shape

_OTHER = {"InstanceType": "t3.small"}


def test_a_version_inherits_what_it_does_not_give_from_its_source(stack: Stack) -> None:
    """API reference, CreateLaunchTemplateVersion: it inherits SourceVersion's parameters, except those given."""
    user_data = base64.b64encode(b"#!/bin/sh\necho one\n").decode()
    template = stack.template(UserData=user_data, KeyName="")
    made = stack.ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )["LaunchTemplateVersion"]
    assert made["VersionNumber"] == 2
    assert not made["DefaultVersion"]
    assert made["LaunchTemplateData"]["InstanceType"] == "t3.small"
    assert made["LaunchTemplateData"]["UserData"] == user_data


def test_a_version_without_source_has_only_what_it_gives(stack: Stack) -> None:
    """API reference, CreateLaunchTemplateVersion: without SourceVersion the version has only the given parameters."""
    template = stack.template()
    made = stack.ec2.create_launch_template_version(
        LaunchTemplateId=template, LaunchTemplateData={"InstanceType": "t3.small"}
    )["LaunchTemplateVersion"]
    assert made["LaunchTemplateData"] == {"InstanceType": "t3.small"}


def test_the_same_token_makes_one_version(stack: Stack) -> None:
    """API reference, ClientToken: ensures the idempotency of the request."""
    template, token = stack.template(), stack.name("token")
    wanted = {"LaunchTemplateId": template, "SourceVersion": "1", "ClientToken": token}
    data = {"InstanceType": "t3.small"}
    first = stack.ec2.create_launch_template_version(**wanted, LaunchTemplateData=data)
    second = stack.ec2.create_launch_template_version(**wanted, LaunchTemplateData=data)
    numbers = [one["LaunchTemplateVersion"]["VersionNumber"] for one in (first, second)]
    assert numbers == [2, 2]
    found = stack.ec2.describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]
    assert [one["VersionNumber"] for one in found] == [2, 1]


@pytest.mark.documented
def test_a_token_cannot_be_used_for_another_request(stack: Stack) -> None:
    """EC2 developer guide, "Ensuring idempotency": IdempotentParameterMismatch."""
    template, token = stack.template(), stack.name("token")
    create = stack.ec2.create_launch_template_version
    create(LaunchTemplateId=template, ClientToken=token, LaunchTemplateData={"InstanceType": "t3.small"})
    code = refused(create, LaunchTemplateId=template, ClientToken=token, LaunchTemplateData={"InstanceType": "t3.nano"})
    assert code == "IdempotentParameterMismatch"


def test_latest_and_default_are_found_by_name(stack: Stack) -> None:
    """API reference, DescribeLaunchTemplateVersions: $Latest, $Default and numbers."""
    template = stack.template()
    stack.ec2.create_launch_template_version(LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData=_OTHER)
    describe = stack.ec2.describe_launch_template_versions
    for name, number in (("$Latest", 2), ("$Default", 1), ("2", 2)):
        found = describe(LaunchTemplateId=template, Versions=[name])["LaunchTemplateVersions"]
        assert [one["VersionNumber"] for one in found] == [number]


def test_versions_are_deleted_but_not_the_default_one(stack: Stack) -> None:
    """API reference, DeleteLaunchTemplateVersions: the default version cannot be deleted."""
    template = stack.template()
    stack.ec2.create_launch_template_version(LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData=_OTHER)
    told = stack.ec2.delete_launch_template_versions(LaunchTemplateId=template, Versions=["1", "2"])
    assert [one["VersionNumber"] for one in told["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
    assert [one["VersionNumber"] for one in told["UnsuccessfullyDeletedLaunchTemplateVersions"]] == [1]
    made = stack.ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData=_OTHER
    )
    assert made["LaunchTemplateVersion"]["VersionNumber"] == 3, "a number is never given twice"


@pytest.mark.documented
def test_unknown_templates_and_versions_are_named(stack: Stack) -> None:
    """EC2 API error codes."""
    describe = stack.ec2.describe_launch_template_versions
    assert refused(describe, LaunchTemplateId="lt-0123456789abcdef0") == "InvalidLaunchTemplateId.NotFound"
    template = stack.template()
    assert refused(describe, LaunchTemplateId=template, Versions=["7"]) == "InvalidLaunchTemplateId.VersionNotFound"
