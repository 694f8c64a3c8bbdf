"""What AWS tells of a group when its page is opened, read from the embedded cloud; the same by REST."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import Role, User
from apps.console.build.group_details import as_text
from tests.deployments.conftest import aws, cloud, service
from tests.deployments.lite import delete
from tests.deployments.rich import enrich
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)


def page(client: Client, service: Service, *, part: bool = True) -> str:
    headers = {"HX-Request": "true"} if part else {}
    answer = client.get(f"/groups/prod/{service.place.region}/{service.group}/details/", headers=headers)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def test_everything_a_real_group_has_is_told_in_words(operator: Client, service: Service) -> None:
    enrich(service)
    text = page(operator, service)
    for told in (
        "Target tracking: keeps",
        "Step scaling, ",
        "Simple scaling, ",
        f"Triggered by {service.group}-busy.",
        "Average CPUUtilization GreaterThanThreshold 80, 3 × 60 s.",
        "cron 0 3 1 1 *, Asia/Tokyo.",
        "Sets desired 4: once, UTC.",
        "When an instance starts: waits up to 300 s, then CONTINUE.",
        "EC2_INSTANCE_LAUNCH, EC2_INSTANCE_TERMINATE",
        f"ImageId: {service.images['1.0.0']}",
        "Launching a new EC2 instance",
    ):
        assert told in text, told
    assert "METRICS_SECONDS" not in text  # user data may hold secrets
    assert "<html" not in text


def test_lists_of_text_are_told_as_people_write_them() -> None:
    assert (as_text(["sg-1", "sg-2"]), as_text([{"a": 1}]), as_text([])) == ("sg-1, sg-2", '[{"a": 1}]', "[]")


def test_without_script_it_is_a_page_of_its_own(operator: Client, service: Service) -> None:
    text = page(operator, service, part=False)
    assert "<html" in text
    assert f"{service.group} as AWS shows it now" in text
    assert "No policy scales this group." in text


def test_what_aws_does_not_answer_is_said(operator: Client, service: Service) -> None:
    delete(service, service.group)
    assert "AWS did not tell the rest" in page(operator, service)


def test_the_same_by_rest(service: Service) -> None:
    enrich(service)
    client = Client()
    client.force_login(User.objects.create_user("vera", role=Role.VIEWER))
    answer = client.get(f"/api/v1/groups/prod/{service.place.region}/{service.group}/details/")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert {each["PolicyName"] for each in found["scaling_policies"]} == {"out", "in", "cpu"}
    assert {each["LifecycleHookName"] for each in found["lifecycle_hooks"]} == {"boot"}
    assert f"{service.group}-busy" in {each["name"] for each in found["alarms"]}
    assert "Successful" in {each["status"] for each in found["activities"]}
    launches = found["launches"]["launch_template_data"]
    assert (launches["ImageId"], "UserData" in launches) == (service.images["1.0.0"], False)
