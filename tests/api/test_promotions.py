"""Promotions over REST, with a cloud of two accounts behind it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

from apps.images.models import Promotion
from tests.api.conftest import ApiClient
from tests.images.conftest import aws, cloud, kitchen, shop
from tests.images.shop import COPY, HOME, REGIONS, Shop, carried

__all__ = ["aws", "cloud", "kitchen", "shop"]


def body(answer: HttpResponse) -> dict[str, Any]:
    return dict(json.loads(answer.content))


def test_a_promotion_is_looked_at_asked_for_followed_and_taken_back(operator: ApiClient, shop: Shop) -> None:
    asked = {"image": shop.image, "target": "prod", "reason": "it is good"}
    shown = operator.submit("promotions/", {**asked, "dry_run": True})
    assert shown.status_code == 200
    told = body(shown)
    assert (told["possible"], told["findings"], told["existing"]) == (True, [], None)
    assert [(each["region"], each["visible"]) for each in told["images"]] == [(region, False) for region in REGIONS]
    assert told["evidence"]["manifest"]["packages"] == 1
    assert not Promotion.objects.exists()
    made = operator.submit("promotions/", asked)
    assert made.status_code == 202
    one = body(made)
    assert made.headers["Location"].endswith(f"/promotions/{one['id']}/")
    assert (one["standing"], one["source"], one["target"]) == ("granting", "test", "prod")
    again = operator.submit("promotions/", asked)
    assert (again.status_code, body(again)["joined"], body(again)["id"]) == (200, True, one["id"])
    row = Promotion.objects.get()
    carried(row)
    one = body(operator.read(f"promotions/{one['id']}/"))
    assert (one["standing"], one["state"], one["waiting_for"]) == ("granted", "succeeded", "")
    assert one["outcome"].startswith(f"prod may launch {shop.image} in us-east-1")
    assert [step["kind"] for step in one["steps"]][:3] == ["check-promotion", "share-image", "share-snapshots"]
    assert "image.promoted" in {event["kind"] for event in one["events"]}
    found = body(operator.read(f"promotions/?image={shop.images[COPY]}&live=true&target=prod"))["results"]
    assert [each["id"] for each in found] == [one["id"]]
    assert body(operator.read("promotions/?image=ami-0123456789abcdef0"))["results"] == []
    path = f"promotions/{one['id']}/revoke/"
    assert body(operator.submit(path, {"dry_run": True}))["used_by"] == []
    assert operator.submit(path, {"reason": "a hole in it"}).status_code == 202
    carried(row)
    one = body(operator.read(f"promotions/{one['id']}/"))
    assert (one["standing"], one["revoked_by"], one["revoke_reason"]) == ("revoked", "oscar", "a hole in it")
    refused = operator.submit(path, {})
    assert refused.status_code == 422
    assert "taken back already" in body(refused)["detail"]
    anew = body(operator.submit("promotions/", asked))
    cancelled = operator.submit(f"promotions/{anew['id']}/cancel/", {"reason": "the wrong one"})
    assert (cancelled.status_code, body(cancelled)["id"]) == (202, anew["id"])
    carried(Promotion.objects.get(pk=anew["id"]))
    told = body(operator.read(f"promotions/{anew['id']}/"))
    assert (told["standing"], told["outcome"]) == ("not_granted", "Cancelled before anything was changed.")
    assert operator.submit(f"promotions/{anew['id']}/cancel/", {}).status_code == 409
    assert operator.submit(f"promotions/{anew['id']}/resume/", {}).status_code == 409
    found = body(operator.read("promotions/?live=true&environment=prod"))["results"]
    assert found == [], "one that changed nothing does not count"


def test_what_stands_against_it_is_a_problem(operator: ApiClient, shop: Shop) -> None:
    shop.encrypted(HOME)
    asked = {"image": shop.image, "target": "prod"}
    told = body(operator.submit("promotions/", {**asked, "dry_run": True}))
    assert told["possible"] is False
    assert [(each["code"], each["level"], each["region"]) for each in told["findings"]] == [
        ("default-key", "refuse", HOME)
    ]
    refused = operator.submit("promotions/", asked)
    assert refused.status_code == 422
    assert "which cannot be shared" in body(refused)["detail"]
    wrong = operator.submit("promotions/", {**asked, "target": "nowhere"})
    assert wrong.status_code == 422
    assert "nowhere" in json.dumps(body(wrong)["errors"])
    assert operator.read("promotions/999/").status_code == 404
