"""Anything is found by a piece of its name or id, from the header of every page and by REST."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.deployments.models import Deployment
from apps.inventory.models import Group, Instance
from tests.console import world


def found(client: Client, words: str) -> list[tuple[str, str]]:
    """Where each hit leads, and its name."""
    answer = client.get("/search/", {"q": words}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    return re.findall(r'class="found__line" href="([^"]+)"><span class="found__name">([^<]+)<', answer.content.decode())


def test_each_kind_is_found_and_led_to(viewer: Client) -> None:
    settled = world.settled()
    group = Group.objects.get(name="api-prod-v013")
    instance = Instance.objects.filter(group=group).order_by("instance_id").first()
    pushed = Deployment.objects.latest("pk")
    assert instance
    expected = {
        "api-prod-v013": (f"/groups/prod/{world.REGION}/api-prod-v013/", "api-prod-v013"),
        instance.instance_id: (f"/instances/prod/{world.REGION}/{instance.instance_id}/", instance.instance_id),
        str(pushed.pk): (f"/deployments/{pushed.pk}/", f"push {pushed.pk}"),
        f"#{pushed.pk}": (f"/deployments/{pushed.pk}/", f"push {pushed.pk}"),
        group.image_id: (f"/images/{group.image_id}/", group.image_id),
        settled.cluster.name: (settled.page, settled.cluster.name),
    }
    for words, hit in expected.items():
        assert hit in found(viewer, words), words
    for href, _ in found(viewer, "api"):
        assert viewer.get(href).status_code == 200


def test_the_very_name_comes_first_then_those_that_begin_so(viewer: Client) -> None:
    built = world.build()
    image = built.image("4.2.0")
    names = ["old-web-v001", "web-v001", "web-v001-extra-v002"]
    for number, name in enumerate(names):
        row = built.group(number + 1, image, healthy=0)
        Group.objects.filter(pk=row.pk).update(name=name)
    assert [name for _, name in found(viewer, "WEB-v001") if name in names] == [
        "web-v001",
        "web-v001-extra-v002",
        "old-web-v001",
    ]


def test_what_is_gone_is_not_found_and_nothing_found_says_what_can_be(viewer: Client) -> None:
    world.settled()
    Group.objects.update(gone_at="2026-01-01T00:00:00Z")
    assert not [name for _, name in found(viewer, "api-prod-v013") if name == "api-prod-v013"]
    gone = Instance.objects.earliest("instance_id").instance_id
    Instance.objects.update(gone_at="2026-01-01T00:00:00Z")
    assert [name for _, name in found(viewer, gone)] == [gone]  # by its whole id, as logs have it
    assert found(viewer, gone[:-1]) == []
    page = viewer.get("/search/", {"q": "nothing-like-it"}).content.decode()
    assert "Nothing here is called like “nothing-like-it”." in page
    assert "Type at least 2 letters" in viewer.get("/search/", {"q": "a"}).content.decode()


@pytest.mark.parametrize("words", ["%", "_", "\\", "i-0\0", "'; drop", "x" * 5000, "²", "999999999999999999999"])
def test_odd_words_are_only_words(viewer: Client, words: str) -> None:
    world.settled()
    assert viewer.get("/search/", {"q": words}).status_code == 200


def test_the_same_by_rest(viewer: Client) -> None:
    world.settled()
    hits = viewer.get("/api/v1/search/", {"q": "api"}).json()
    assert {hit["kind"] for hit in hits} >= {"application", "cluster", "group", "image"}
    for hit in hits:
        assert viewer.get(hit["url"]).status_code == 200, hit
    for nothing in ({}, {"q": "a"}, {"q": "nothing-like-it"}):
        assert viewer.get("/api/v1/search/", nothing).json() == []
