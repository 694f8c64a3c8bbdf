"""Polling: nothing changed is 304, something changed is new content, the end is said once."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from apps.inventory.models import Instance
from apps.workflows.models import Run, Step
from apps.workflows.states import RunState, StepState
from tests.console import world


def test_an_unchanged_cluster_answers_304_without_content(operator: Client) -> None:
    settled = world.settled()
    first = operator.get(f"{settled.page}live/")
    again = operator.get(f"{settled.page}live/", headers={"if-none-match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.content == b""


def test_the_page_starts_from_the_tag_of_what_it_shows(operator: Client) -> None:
    settled = world.settled()
    page = operator.get(settled.page).content.decode()
    tag = operator.get(f"{settled.page}live/").headers["ETag"]
    assert f'data-etag="{tag}"'.replace('"&', "&") in page.replace("&quot;", '"')


def test_one_instance_failing_changes_the_answer(operator: Client) -> None:
    settled = world.settled()
    first = operator.get(f"{settled.page}live/")
    instance = Instance.objects.filter(group__name="api-prod-v013").first()
    assert instance is not None
    Instance.objects.filter(pk=instance.pk).update(target_health={settled.target_group.arn: world.FAILING})
    again = operator.get(f"{settled.page}live/", headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 200
    assert "5 of 6 healthy" in again.content.decode()


def test_a_viewer_and_an_operator_have_different_tags_for_what_they_see_differently(
    viewer: Client, operator: Client
) -> None:
    settled = world.settled()
    tags = {client.get(f"{settled.page}live/").headers["ETag"] for client in (viewer, operator)}
    assert len(tags) == 2


def test_polling_a_deployment_stops_when_it_has_ended(operator: Client) -> None:
    moving = world.moving()
    deployment = moving.cluster.deployments.get()
    path = f"/deployments/{deployment.pk}/live/"
    first = operator.get(path)
    assert first.status_code == 200
    assert operator.get(path, headers={"if-none-match": first.headers["ETag"]}).status_code == 304
    Step.objects.filter(run=deployment.run).update(state=StepState.DONE, ended_at=timezone.now())
    Run.objects.filter(pk=deployment.run_id).update(state=RunState.SUCCEEDED, ended_at=timezone.now())
    last = operator.get(path, headers={"if-none-match": first.headers["ETag"]})
    assert last.status_code == 286
    assert "serves all traffic" in last.content.decode()
    assert 'hx-trigger="every' not in operator.get(f"/deployments/{deployment.pk}/").content.decode()


def test_home_is_polled_too(operator: Client) -> None:
    world.settled()
    first = operator.get("/live/")
    assert operator.get("/live/", headers={"if-none-match": first.headers["ETag"]}).status_code == 304
