"""The page of one instance; and what it printed and was started with, which is for operators and recorded."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.events.models import Event
from apps.inventory.models import Environment, Instance
from apps.inventory.services import sync_region
from tests.console import world
from tests.deployments.conftest import aws, cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]


def address(instance: Instance, more: str = "") -> str:
    return f"/instances/{instance.environment.name}/{instance.region}/{instance.instance_id}/{more}"


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def test_it_says_how_it_is_by_whom_and_why(viewer: Client) -> None:
    built = world.build()
    group = built.group(12, built.image("4.2.0"), healthy=1, failing=1)
    sick = Instance.objects.get(group=group, target_health__contains={built.target_group.arn: world.FAILING})
    text = text_of(viewer, address(sick))
    assert f"{sick.instance_id} is unhealthy." in text
    assert "answers 503 on /health" in text
    assert f"{group.image_id} (4.2.0)" in " ".join(re.sub("<[^>]+>", "", text).split())
    assert f'href="/groups/prod/{world.REGION}/{group.name}/"' in text
    of_group = text_of(viewer, f"/groups/prod/{world.REGION}/{group.name}/")
    assert f'href="{address(sick)}"' in of_group
    assert "<dt>Launched</dt><dd>unknown</dd>" in text  # AWS does not tell of one that it has just begun to launch
    assert 'data-label="Launched">unknown<' in of_group


def test_one_that_is_not_there_is_named(viewer: Client) -> None:
    world.settled()
    answer = viewer.get(f"/instances/prod/{world.REGION}/i-0nope/")
    assert (answer.status_code, "There is no instance i-0nope in prod" in answer.content.decode()) == (404, True)


def test_a_viewer_may_not_look_inside_and_nothing_is_recorded(viewer: Client) -> None:
    world.settled()
    instance = Instance.objects.select_related("environment").first()
    assert instance
    assert "This needs the role operator" in text_of(viewer, address(instance))
    for what in ("console-output/", "user-data/"):
        assert viewer.post(address(instance, what)).status_code == 403
        assert viewer.post(f"/api/v1{address(instance, what)}").status_code == 403
    assert not Event.objects.filter(kind__startswith="instance.").exists()


@pytest.mark.django_db(transaction=True)
def test_an_operator_reads_both_and_each_look_is_recorded(operator: Client, service: Service) -> None:
    sync_region(Environment.objects.get(), service.place.region)
    instance = Instance.objects.select_related("environment").earliest("instance_id")
    assert operator.get(address(instance, "user-data/")).status_code == 405  # a link must not record a look
    answer = operator.post(address(instance, "user-data/"))
    assert "export METRICS_SECONDS=1" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert operator.post(address(instance, "console-output/")).status_code == 200
    by_rest = operator.post(f"/api/v1{address(instance, 'user-data/')}")
    assert by_rest.json() == {"instance_id": instance.instance_id, "text": "export METRICS_SECONDS=1\n"}
    told = Event.objects.filter(subject=instance.instance_id).order_by("id").values_list("kind", "actor", "cluster")
    assert list(told) == [
        ("instance.user_data_read", "operator", "api-prod"),
        ("instance.console_read", "operator", "api-prod"),
        ("instance.user_data_read", "operator", "api-prod"),
    ]
    assert "operator read the user data" in text_of(operator, address(instance))


@pytest.mark.django_db(transaction=True)
def test_what_aws_does_not_answer_is_said(operator: Client, service: Service) -> None:
    sync_region(Environment.objects.get(), service.place.region)
    instance = Instance.objects.select_related("environment").earliest("instance_id")
    Instance.objects.filter(pk=instance.pk).update(instance_id="i-0123456789abcdef0")
    answer = operator.post(f"/instances/prod/{service.place.region}/i-0123456789abcdef0/console-output/")
    assert (answer.status_code, "It could not be read" in answer.content.decode()) == (502, True)


def test_a_page_that_stands_open_says_when_its_instance_is_gone(viewer: Client) -> None:
    world.settled()
    instance = Instance.objects.select_related("environment").first()
    assert instance
    Instance.objects.filter(pk=instance.pk).update(gone_at="2026-01-01T00:00:00Z")
    answer = viewer.get(address(instance, "live/"))
    assert (answer.status_code, "is gone since <time" in answer.content.decode()) == (286, True)


def test_one_that_is_gone_is_told_of_as_it_was_last_and_nothing_is_done_to_it(operator: Client) -> None:
    built = world.build()
    built.group(12, built.image("4.2.0"), healthy=0, failing=1)
    Instance.objects.update(gone_at="2026-01-01T00:00:00Z")
    instance = Instance.objects.select_related("environment").get()
    text = text_of(operator, address(instance))
    assert "When it was last seen, it was unhealthy. " in text
    assert "answers 503 on /health" in text
    assert "Terminate" not in text
    assert "Read its console output" not in text
    assert operator.post(address(instance, "console-output/")).status_code == 404
