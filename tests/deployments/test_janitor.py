"""Disabled groups that stood by for their days, and launch template versions that pushes made, are cleaned up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.deployments import services
from apps.deployments.janitor.needs import of_deployments
from apps.deployments.models import Deployment, Freeze, KeptGroup
from apps.deployments.requests import PushRequest
from apps.images.janitor import all_kinds
from apps.images.models import JanitorRules, Mark
from apps.images.selectors.janitor import dry_run
from apps.images.services import clean_up, keep
from apps.inventory.models import Environment, LaunchTemplate, LaunchTemplateVersion
from tests.deployments.lite import carry_on, cloud, service
from tests.deployments.test_push import request
from tests.images.cleaning import days_pass, read, settled, switch_on
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def stood_by(service: Service, days: int = 8) -> Environment:
    """A push is done, and its old group stood by for so many days."""
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    KeptGroup.objects.update(created_at=F("created_at") - timedelta(days=days))
    environment = Environment.objects.get()
    switch_on(environment)
    return environment


def until_intent(environment: Environment) -> Mark:
    read(environment)
    for _ in range(2):
        assert clean_up(environment)
    days_pass(8)
    assert clean_up(environment)
    settled()
    return Mark.objects.get()


def test_a_group_that_stood_by_is_deleted_by_a_deployment_under_its_clusters_lock(service: Service) -> None:
    environment = stood_by(service)
    mark = until_intent(environment)
    assert (mark.kind, mark.resource, mark.state) == ("group", OLD, Mark.State.DELETING)
    assert OLD in service.groups()
    assert clean_up(environment)
    made = Deployment.objects.get(operation="delete-group")
    assert (made.from_group, made.actor) == (OLD, "janitor")
    assert made.reason.startswith("The janitor: Deployment ")
    assert clean_up(environment)
    assert Deployment.objects.filter(operation="delete-group").count() == 1, "nothing twice"
    mark.refresh_from_db()
    assert (mark.state, mark.says) == (Mark.State.DELETING, f"{made} deletes it.")
    assert carry_on(made).state == "succeeded"
    assert clean_up(environment)
    mark.refresh_from_db()
    assert mark.state == Mark.State.DELETED
    assert list(service.groups()) == [NEW]


def test_it_stays_while_it_is_kept_too_young_or_serves_again(service: Service) -> None:
    environment = stood_by(service, days=3)
    stays = {each.thing.resource: each.thing.stays for each in dry_run(environment) if each.kind == "group"}
    assert stays[OLD].startswith("It was disabled ")
    KeptGroup.objects.update(created_at=F("created_at") - timedelta(days=5))
    mark = until_intent(environment)
    rolled = services.rollback(Deployment.objects.get(kind="push").pk, actor="ann", reason="x")
    assert carry_on(rolled).state == "succeeded", rolled.run.failure
    assert clean_up(environment)
    mark.refresh_from_db()
    assert mark.state == Mark.State.UNMARKED
    assert OLD in service.groups()
    keep("prod", service.place.region, "group", NEW, actor="maria")
    KeptGroup.objects.update(created_at=F("created_at") - timedelta(days=9))
    stays = {each.thing.resource: each.thing.stays for each in dry_run(environment) if each.kind == "group"}
    assert stays == {NEW: "maria keeps it."}


def test_a_freeze_and_a_busy_cluster_put_it_off(service: Service) -> None:
    environment = stood_by(service)
    mark = until_intent(environment)
    now = timezone.now()
    freeze = Freeze.objects.create(starts_at=now, ends_at=now + timedelta(hours=1), actor="jo", reason="fair")
    assert clean_up(environment)
    freeze.delete()
    busy = services.push(request(service, "1.2.0"), actor="ann")
    assert clean_up(environment)
    mark.refresh_from_db()
    assert mark.state == Mark.State.DELETING
    assert "is being changed by ann" in mark.says
    assert not Deployment.objects.filter(operation="delete-group").exists()
    services.cancel(busy.pk, actor="ann", reason="x")


def test_versions_that_pushes_made_go_but_for_the_newest_and_what_a_group_launches(service: Service) -> None:
    environment = stood_by(service)
    ec2 = service.place.client("ec2")
    for number in range(4):
        ec2.create_launch_template_version(
            LaunchTemplateId=service.template,
            SourceVersion="1",
            VersionDescription=f"deployconsole {number}",
            LaunchTemplateData={"ImageId": service.images["1.2.0"]},
        )
    JanitorRules.objects.update(group_days=99)
    read(environment)
    days_pass(40)
    stays = {each.thing.resource: each.thing.stays for each in dry_run(environment) if each.kind == "template-version"}
    number = {int(name.rpartition(":")[2]): why for name, why in stays.items()}
    assert set(number) == {2, 3, 4, 5, 6}
    assert number[2].startswith(f"{NEW} launches it")
    assert (number[3], number[4]) == ("", "")
    assert number[5].startswith("It is among the newest 2")
    for _ in range(2):
        assert clean_up(environment)
    days_pass(8)
    assert clean_up(environment)
    settled()
    service.place.client("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=OLD, LaunchTemplate={"LaunchTemplateId": service.template, "Version": "4"}
    )
    assert clean_up(environment)
    marks = {each.resource.rpartition(":")[2]: each for each in Mark.objects.filter(kind="template-version")}
    assert {name: each.state for name, each in marks.items()} == {"3": "deleted", "4": "unmarked"}
    assert marks["4"].says.startswith(f"{OLD} launches it")
    standing = ec2.describe_launch_template_versions(LaunchTemplateId=service.template)["LaunchTemplateVersions"]
    assert {each["VersionNumber"] for each in standing} == {1, 2, 4, 5, 6}


def test_a_template_that_is_read_first_while_a_round_looks_is_left_for_the_next(db: None) -> None:
    environment = Environment.objects.create(name="prod", account_id="123456789012", regions=["us-east-1"])
    here = {"environment": environment, "region": "us-east-1", "template_id": "lt-1", "created_at": timezone.now()}
    rows = (
        LaunchTemplate(name="api", default_version=1, latest_version=1, read_at=timezone.now(), **here),
        LaunchTemplateVersion(version=1, description="deployconsole 1", **here),
    )

    def beside(execute: Any, sql: str, *rest: Any) -> Any:
        if "launchtemplateversion" in sql and "LIKE" in sql and not LaunchTemplate.objects.exists():
            for row in rows:
                row.save()
        return execute(sql, *rest)

    kind = all_kinds()["template-version"]
    with connection.execute_wrapper(beside):
        assert list(kind.things(environment, JanitorRules(environment=environment), timezone.now())) == []
    assert len(list(kind.things(environment, JanitorRules(environment=environment), timezone.now()))) == 1


def test_what_deployments_need_is_told_and_an_image_that_goes_is_not_pushed(service: Service) -> None:
    environment = stood_by(service)
    read(environment)
    needed = of_deployments()
    assert needed[service.images["1.0.0"]] == "A rollback of api-prod in prod goes back to it."
    assert needed[service.images["1.1.0"]] == "It was the last to be put into api-prod in prod."
    now, image = timezone.now(), service.images["1.2.0"]
    Mark.objects.create(
        environment=environment, region=service.place.region, kind="image", resource=image, state="deleting",
        because="x", since=now, due_at=now,
    )  # fmt: skip
    asked = PushRequest(environment="prod", region=service.place.region, cluster="api-prod", image=image)
    codes = {finding.code for finding in services.preview_push(asked).refusals}
    assert codes == {"image-going"}
