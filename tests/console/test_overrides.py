"""Refusals on the push page: told apart by what they ask of the reader, and overridden with a reason where they may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.console.build.preview import findings_of
from apps.deployments.errors import Finding
from apps.deployments.models import Deployment, Freeze
from apps.deployments.requests import Preview
from apps.events.models import Event
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]


def test_findings_are_grouped_by_what_they_ask_of_the_reader() -> None:
    preview = Preview(
        "Push",
        (),
        (
            Finding("note", "unpinned", "A note."),
            Finding("warn", "unknown-quota", "It is unknown."),
            Finding("warn", "drift-image", "A warning."),
            Finding("refuse", "freeze", "One freeze.", "1"),
            Finding("refuse", "gone", "It is gone."),
            Finding("refuse", "freeze", "Another freeze.", "2"),
        ),
    )
    drawn = [(group.title, [(found.text, found.box) for found in group.findings]) for group in findings_of(preview)]
    assert drawn == [
        ("Stands against it", [("It is gone.", False)]),
        ("Stands against it, unless overridden", [("One freeze.", False), ("Another freeze.", True)]),
        ("Read before you go on", [("A warning.", False)]),
        ("Could not be found out", [("It is unknown.", False)]),
        ("Good to know", [("A note.", False)]),
    ]
    overridden = findings_of(preview.letting_through(("freeze",)))[1]
    assert [(found.kind, found.let) for found in overridden.findings] == [("attend", True), ("attend", True)]


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_freeze_is_overridden_from_the_page_with_a_reason(operator: Client, service: Service) -> None:
    now = timezone.now()
    Freeze.objects.create(
        starts_at=now, ends_at=now + timedelta(hours=1), environment="prod", actor="maria", reason="Christmas"
    )
    path = f"/clusters/prod/{service.place.region}/{service.cluster}/push/"
    data: dict[str, object] = {"other_image": service.images["1.1.0"], "strategy": "red-black"}

    refused = text_of(operator.post(f"{path}preview/", data))
    assert "by maria: Christmas." in refused
    assert "Push all the same, for the reason given" in refused
    assert re.search(r'id="push-button"[^>]* disabled>', refused)

    data["overrides"] = ["freeze"]
    preview = text_of(operator.post(f"{path}preview/", data))
    assert 'value="freeze" id="override-freeze" checked>' in preview
    assert '<span class="field__optional" id="id_reason_optional" hx-swap-oob="outerHTML"></span>' in preview
    assert "2 → 3 instances, all the same</button>" in preview
    found = re.search(r'name="previewed" value="(\w+)"', preview)
    assert found
    data["previewed"] = found[1]

    unsure = operator.post(path, {**data, "reason": "the login is broken"})
    assert unsure.status_code == 422
    assert "This goes against what holds it back. Type api-prod if that is meant." in text_of(unsure)
    data["confirmation"] = "api-prod"
    without = operator.post(path, data)
    assert without.status_code == 422
    assert "Say why: what is overridden is recorded with its reason." in text_of(without)
    assert 'id="override-freeze" checked>' in text_of(without)
    assert not Deployment.objects.exists()

    # what was shown was shown with the freeze overridden
    assert operator.post(path, {**data, "overrides": [], "reason": "x"}).status_code == 422
    assert operator.post(path, {**data, "reason": "the login is broken"}).status_code == 302
    assert Event.objects.get(kind="deployment.overridden").reason == "the login is broken"


@pytest.mark.django_db(transaction=True)
def test_a_push_of_a_busy_cluster_is_queued_from_the_page(operator: Client, service: Service) -> None:
    path = f"/clusters/prod/{service.place.region}/{service.cluster}/push/"
    data = {"other_image": service.images["1.1.0"], "strategy": "red-black"}

    def press(name: str) -> str:
        preview = text_of(operator.post(f"{path}preview/", data))
        found = re.search(rf'name="{name}" value="(\w+)"', preview)
        assert found, preview
        return found[1]

    assert operator.post(path, {**data, "previewed": press("previewed")}).status_code == 302
    assert "Queue it: Push 1.1.0 to api-prod" in text_of(operator.post(f"{path}preview/", data))
    assert operator.post(path, {**data, "previewed": press("queue")}).status_code == 409
    assert operator.post(path, {**data, "queue": "something else"}).status_code == 422
    assert Deployment.objects.count() == 1
    assert operator.post(path, {**data, "queue": press("queue")}).status_code == 302
    second, first = Deployment.objects.order_by("-pk")
    page = text_of(operator.get(f"/deployments/{second.pk}/"))
    assert f"Waiting until push {first.pk} of operator has ended." in page
    assert operator.post(f"/deployments/{second.pk}/cancel/", {}).status_code == 302
    second.run.refresh_from_db()
    assert second.run.state == "cancelled"
