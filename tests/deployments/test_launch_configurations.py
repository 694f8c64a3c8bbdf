"""A group that launches from a launch configuration: the next one launches from a template made out of it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from apps.deployments import services
from apps.deployments.requests import PushRequest
from apps.localcloud.launch import RunningCloud
from tests.deployments.conftest import known
from tests.deployments.lite import attached, carry_on, cloud, until_step
from tests.deployments.rich import launch_from_configuration
from tests.world import Service, build

__all__ = ["cloud"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


@pytest.fixture
def service(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Service:
    made = known(build(aws, tmp_path, drain_seconds=0))
    launch_from_configuration(made)
    return made


def request(service: Service, **more: object) -> PushRequest:
    return PushRequest("prod", service.place.region, service.cluster, service.images["1.1.0"], **more)  # type: ignore[arg-type]


def templates(service: Service) -> list[str]:
    found = service.place.client("ec2").describe_launch_templates()["LaunchTemplates"]
    return sorted(template["LaunchTemplateName"] for template in found if template["LaunchTemplateName"] != "api-prod")


def test_it_is_converted_shown_in_the_preview_and_rolled_back_from(service: Service) -> None:
    preview = services.preview_push(request(service))
    assert not preview.refusals
    assert "out of the launch configuration api-lc" in preview.steps[0].changes[0]
    assert "launch-configuration" in {finding.code for finding in preview.findings}
    pushed = services.push(request(service), actor="ann")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    (name,) = templates(service)
    ec2 = service.place.client("ec2")
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"]
    data = version["LaunchTemplateData"]
    assert (data["ImageId"], data["InstanceType"]) == (service.images["1.1.0"], "t3.medium")
    assert base64.b64decode(data["UserData"]) == b"export A=1"
    assert service.groups()[NEW]["LaunchTemplate"]["Version"] == "1"
    back = services.rollback(pushed.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure
    assert attached(service) == [OLD]
    assert service.groups()[OLD]["LaunchConfigurationName"] == "api-lc"
    assert templates(service) == [name]


def test_an_undo_deletes_the_template_again(service: Service) -> None:
    pushed = services.push(request(service, options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert templates(service) == []
    assert sorted(service.groups()) == [OLD]


def test_it_cannot_be_replaced_in_place(service: Service) -> None:
    refusals = services.preview_push(request(service, strategy="rolling-replace")).refusals
    assert [refusal.code for refusal in refusals] == ["launch-configuration"]
