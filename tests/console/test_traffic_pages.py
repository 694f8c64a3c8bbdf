"""Load balancers, target groups, launch templates: where requests go, how targets are, what versions differ in."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.cloud.aws import elbv2
from apps.cloud.errors import Unavailable
from apps.inventory.models import Environment, LaunchTemplate, LoadBalancer, TargetGroup
from apps.inventory.services import read_one_by_one, sync_region, template_versions
from tests.console import world
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.deployments.weighting import another_target_group, change_default_rule
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def synced(service: Service) -> Service:
    """All of the region was read."""
    for read in (sync_region, read_one_by_one):
        assert read(Environment.objects.get(), service.place.region, everything=True)
    return service


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def cells(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_target_group_tells_its_targets_as_aws_does_now_and_who_sends_it_requests(
    viewer: Client, synced: Service
) -> None:
    row = TargetGroup.objects.get()
    path = f"/target-groups/prod/{synced.place.region}/{row.name}/"
    text = text_of(viewer, path)
    instances = [each["InstanceId"] for each in synced.groups()[synced.group]["Instances"]]
    for instance in instances:
        assert f'href="/instances/prod/{synced.place.region}/{instance}/">{instance}</a>' in text
    assert cells(text).count("healthy") >= len(instances)
    balancer = LoadBalancer.objects.get()
    assert f'href="/load-balancers/prod/{synced.place.region}/{balancer.name}/">{balancer.name}</a>' in text
    assert "100 % (weight 1)" in cells(text)
    assert f'href="/groups/prod/{synced.place.region}/{synced.group}/">{synced.group}</a>' in text


def test_what_aws_does_not_tell_of_targets_is_said_and_hides_nothing_else(
    viewer: Client, synced: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: object) -> None:
        raise Unavailable("It is down.", operation="DescribeTargetHealth")

    monkeypatch.setattr(elbv2, "target_health", silent)
    text = cells(text_of(viewer, f"/target-groups/prod/{synced.place.region}/{TargetGroup.objects.get().name}/"))
    assert "AWS did not tell how its targets are: It is down." in text
    assert "100 % (weight 1)" in text


def test_a_load_balancer_tells_where_requests_go_by_weight(viewer: Client, synced: Service) -> None:
    balancer, group = LoadBalancer.objects.get(), TargetGroup.objects.get()
    other = another_target_group(synced, "other")
    change_default_rule(synced, {synced.target_group: 3, other: 1})
    for listener in balancer.listeners:  # as the next sync stores it
        for rule in listener["rules"]:
            rule["forwards"] = [
                {"target_group": synced.target_group, "weight": 3},
                {"target_group": other, "weight": 1},
            ]
    balancer.save()
    text = text_of(viewer, f"/load-balancers/prod/{synced.place.region}/{balancer.name}/")
    assert f"/target-groups/prod/{synced.place.region}/{group.name}/" in text
    assert "75 % (weight 3)" in cells(text)
    assert "other 25 % (weight 1)" in cells(text)
    assert "everything else" in cells(text)
    listed = text_of(viewer, "/load-balancers/?q=" + balancer.name)
    assert f"/load-balancers/prod/{synced.place.region}/{balancer.name}/" in listed
    assert "No load balancer matches." in text_of(viewer, "/load-balancers/?q=nothing-like-it")


def test_a_launch_template_tells_its_versions_who_launches_them_and_what_differs(
    viewer: Client, synced: Service
) -> None:
    row = LaunchTemplate.objects.get()
    synced.place.client("ec2").create_launch_template_version(
        LaunchTemplateId=row.template_id,
        SourceVersion="1",
        LaunchTemplateData={"ImageId": synced.images["1.1.0"], "InstanceType": "m5.large", "UserData": "c2VjcmV0"},
    )
    path = f"/launch-templates/prod/{synced.place.region}/{row.template_id}/"
    text = cells(text_of(viewer, path))
    assert "From version 1 to 2" in text
    assert f"ImageId {synced.images['1.0.0']} {synced.images['1.1.0']}" in text
    assert "m5.large" in text
    assert "UserData" in text
    assert "c2VjcmV0" not in text  # it may hold secrets
    assert f'/groups/prod/{synced.place.region}/{synced.group}/">{synced.group}</a>' in text_of(viewer, path)
    assert "Choose two versions" in text_of(viewer, f"{path}?before=2&after=2")
    assert "There is no version 9; these two are compared instead." in text_of(viewer, f"{path}?after=9")
    assert row.name in text_of(viewer, f"/launch-templates/?q={row.template_id}")


def test_a_launch_template_whose_versions_aws_does_not_tell_says_so(
    viewer: Client, synced: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: object) -> None:
        raise Unavailable("It is down.", operation="DescribeLaunchTemplateVersions")

    monkeypatch.setattr(template_versions, "describe_launch_template_versions", silent)
    path = f"/launch-templates/prod/{synced.place.region}/{LaunchTemplate.objects.get().template_id}/"
    assert "AWS did not tell its versions: It is down." in text_of(viewer, path)


@pytest.mark.parametrize("kind", ["load-balancers", "target-groups", "launch-templates"])
def test_what_is_not_there_is_not_found(viewer: Client, kind: str) -> None:
    world.settled()
    assert viewer.get(f"/{kind}/prod/{world.REGION}/nothing/").status_code == 404


def test_the_group_s_page_leads_to_them(viewer: Client, synced: Service) -> None:
    text = text_of(viewer, f"/groups/prod/{synced.place.region}/{synced.group}/")
    template, group = LaunchTemplate.objects.get(), TargetGroup.objects.get()
    assert f'/launch-templates/prod/{synced.place.region}/{template.template_id}/">Launch template' in text
    assert f'/target-groups/prod/{synced.place.region}/{group.name}/">Target group {group.name}</a>' in text
