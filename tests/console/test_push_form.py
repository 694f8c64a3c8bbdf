"""Pushing from the page, on a real service of the embedded cloud: what is previewed, refused, started."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.deployments.models import Deployment
from apps.inventory.models import Cluster, Environment, Image
from apps.inventory.services import sync_region
from apps.workflows.models import Lock
from apps.workflows.services.release import pass_on_all
from tests.deployments.conftest import Drive, aws, cloud, drive, service
from tests.world import Service

__all__ = ["aws", "cloud", "drive", "service"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def path(service: Service) -> str:
    """The push form's address, once the inventory knows the service's images too."""
    sync_region(Environment.objects.get(), service.place.region)
    return f"/clusters/prod/{service.place.region}/{service.cluster}/push/"


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def shown(client: Client, path: str, data: dict[str, str]) -> dict[str, str]:
    """The form with what its preview's button sends along."""
    preview = text_of(client.post(f"{path}preview/", data))
    found = re.search(r'name="previewed" value="(\w+)"', preview)
    assert found, preview
    return {**data, "previewed": found[1]}


def test_a_push_is_previewed_started_and_rolled_back_from_pages(
    operator: Client, service: Service, path: str, drive: Drive
) -> None:
    image = service.images["1.1.0"]
    form = text_of(operator.get(path))
    assert f'<option value="{image}">1.1.0 · ' in form
    chosen = {"image": image, "strategy": "red-black", "reason": "fix login"}

    preview = text_of(operator.post(f"{path}preview/", chosen))
    assert "Push 1.1.0 to api-prod, 2 → 3 instances</button>" in preview
    assert "Create api-prod-v001 at size 0" in preview
    assert "CreateAutoScalingGroup" in preview
    assert "You are about to change this</h3>" in preview
    assert "<dt>Version</dt><dd>1.0.0 → 1.1.0</dd>" in preview
    assert f'hx-get="/images/{image}/diff/commits/?against={service.images["1.0.0"]}" hx-trigger="load"' in preview
    assert not Deployment.objects.exists()

    started = operator.post(path, shown(operator, path, chosen))
    pushed = Deployment.objects.get()
    assert started.status_code == 302
    assert started.headers["Location"] == f"/deployments/{pushed.pk}/"
    assert (pushed.actor, pushed.reason, pushed.to_image) == ("operator", "fix login", image)

    busy = operator.post(path, chosen)
    assert busy.status_code == 409
    assert "api-prod is being changed by operator" in text_of(busy)
    opened = text_of(operator.get(path))
    assert "api-prod is being changed by operator" in opened
    assert f'href="/deployments/{pushed.pk}/">Watch it</a>' in opened
    assert 'id="push-button" type="button" aria-disabled="true"' in opened
    assert Deployment.objects.count() == 1

    assert drive(pushed).run.state == "succeeded"
    page = text_of(operator.get(f"/deployments/{pushed.pk}/"))
    assert "api-prod-v001 (1.1.0) serves all traffic" in page
    assert f'href="/deployments/{pushed.pk}/rollback/">Roll back to v000</a>' in page
    assert "Bring api-prod-v000 to the present load" in text_of(operator.get(f"/deployments/{pushed.pk}/rollback/"))

    back_path = f"/deployments/{pushed.pk}/rollback/"
    overriding = {"overrides": ["guard-last-serving"]}
    unsure = operator.post(back_path, {**overriding, "reason": "errors"})
    assert unsure.status_code == 422
    assert "Type api-prod if that is meant." in text_of(unsure)
    unsaid = operator.post(back_path, {**overriding, "confirmation": "api-prod"})
    assert unsaid.status_code == 422
    assert "Say why" in text_of(unsaid)
    lock = Lock.objects.create(resource=pushed.run.resource, run=pushed.run, owner="maria", reason="looks at it")
    assert 'name="queue" value="yes">Queue it: Roll back to v000' in text_of(operator.get(back_path))
    assert operator.post(back_path, {"reason": "errors"}).status_code == 409
    back = operator.post(back_path, {"reason": "errors", "queue": "yes"})
    rolled = Deployment.objects.latest("pk")
    assert back.headers["Location"] == f"/deployments/{rolled.pk}/"
    assert rolled.run.state == "queued"
    lock.delete()
    pass_on_all()
    assert drive(rolled).run.state == "succeeded"
    assert service.answer() == "api 1.0.0"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_created(
    operator: Client, service: Service, path: str
) -> None:
    stage = Environment.objects.create(name="stage", account_id="999999999999", regions=[service.place.region])
    now, other = timezone.now(), "ami-0123456789abcdef1"
    known = {"name": "x", "state": "available", "source": "owned", "read_at": now, "created_at": now}
    Image.objects.create(environment=stage, region=service.place.region, image_id=other, **known)
    good = {"image": service.images["1.1.0"], "strategy": "red-black"}
    wrong = {
        "Choose the image to push.": {**good, "image": ""},
        "There is no AMI ami-0123456789abcdef0": {**good, "image": "", "other_image": "ami-0123456789abcdef0"},
        "may not launch it. Promote it to prod first.": {**good, "image": "", "other_image": other},
        "is not an AMI id; it looks like": {**good, "image": "", "other_image": "not-an-ami"},
        f"of api 1.1.0 here is {service.images['1.1.0']}.": {**good, "image": "", "other_image": "1.1.0"},
        "is chosen in the list above": {**good, "other_image": "ami-0123456789abcdef0"},
        "900 is too large: at most 100 %.": {**good, "red-black-margin_percent": "900"},
        "&#x27;many&#x27; is not a number.": {**good, "red-black-margin_percent": "many"},
        "1.5 is not an integer.": {**good, "red-black-soak_seconds": "1.5"},
        "Margin, %: mend what is marked.": {**good, "red-black-margin_percent": "900"},
        "Min size 5 is above max size 2.": {**good, "red-black-min_size": "5", "red-black-max_size": "2"},
        "Select a valid choice.": {**good, "strategy": "yolo"},
        "at most 500 characters": {**good, "reason": "x" * 501},
    }
    for words, data in wrong.items():
        answer = operator.post(path, data)
        assert answer.status_code == 422, words
        assert words in text_of(answer), words
    assert not Deployment.objects.exists()


def test_what_was_typed_stays_in_the_form(operator: Client, service: Service, path: str) -> None:
    data = {"image": "", "strategy": "red-black", "reason": "because <b>", "red-black-soak_seconds": "77"}
    answer = text_of(operator.post(path, data))
    assert "because &lt;b&gt;" in answer
    assert 'value="77"' in answer


def test_a_push_without_a_way_back_asks_for_the_clusters_name(operator: Client, service: Service, path: str) -> None:
    data = {"image": service.images["1.1.0"], "strategy": "red-black", "red-black-old_group": "delete-at-once"}
    assert "Type api-prod to confirm" in text_of(operator.post(f"{path}preview/", data))
    data = shown(operator, path, data)
    answer = operator.post(path, data)
    assert answer.status_code == 422
    assert "No group is left to roll back to. Type api-prod if that is meant." in text_of(answer)
    assert not Deployment.objects.exists()
    assert operator.post(path, {**data, "confirmation": "api-prod"}).status_code == 302
    assert Deployment.objects.get().options["old_group"] == "delete-at-once"


def test_a_push_is_cancelled_after_its_undo_was_shown(
    operator: Client, service: Service, path: str, drive: Drive
) -> None:
    operator.post(path, shown(operator, path, {"image": service.images["never_healthy"], "strategy": "red-black"}))
    pushed = Deployment.objects.get()
    asked = operator.get(f"/deployments/{pushed.pk}/cancel/")
    assert asked.status_code == 200
    assert 'name="choice" value="undo"' in text_of(asked)
    assert f"Ends push {pushed.pk}; nothing has been changed." in text_of(asked)
    answer = operator.post(f"/deployments/{pushed.pk}/cancel/", {"reason": "wrong image"})
    assert answer.headers["Location"] == f"/deployments/{pushed.pk}/"
    assert drive(pushed).run.state in {"cancelled", "undone"}
    again = operator.post(f"/deployments/{pushed.pk}/cancel/", {})
    assert again.status_code == 409
    assert Cluster.objects.count() == 1


def test_only_what_was_shown_is_started(operator: Client, service: Service, path: str) -> None:
    chosen = {"image": service.images["1.1.0"], "strategy": "red-black"}
    seen = shown(operator, path, chosen)
    for data in (
        chosen,
        {**seen, "image": service.images["never_healthy"]},
        {**seen, "red-black-margin_percent": "100"},
    ):
        answer = operator.post(path, data)
        assert answer.status_code == 422
        assert "This is what it would do now; press again." in text_of(answer)
        assert 'name="previewed"' in text_of(answer)
    assert not Deployment.objects.exists()
    assert operator.post(path, {**seen, "reason": "another reason changes no plan"}).status_code == 302


def test_without_a_preview_the_button_asks_for_one(operator: Client, service: Service, path: str) -> None:
    opened = text_of(operator.get(path))
    assert 'id="push-button" name="preview" value="yes">Preview</button>' in opened
    bad = {"image": service.images["1.1.0"], "strategy": "red-black", "red-black-margin_percent": "500"}
    preview = text_of(operator.post(f"{path}preview/", bad))
    assert "Choose an image." not in preview
    assert "Margin, %: mend what is marked." in preview
    assert "500 is too large: at most 100 %." in preview
