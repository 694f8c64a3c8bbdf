"""Promoting from an image's page, with a cloud of two accounts that is asked: previewed, started, taken back."""

from __future__ import annotations

import re

from django.test import Client

from apps.images.models import Promotion
from apps.images.services import promote
from apps.inventory.models import Environment
from apps.inventory.services.images import learn_images
from tests.faults.workers import carry_on
from tests.images.conftest import aws, cloud, kitchen, shop
from tests.images.shop import COPY, HOME, Shop, carried

__all__ = ["aws", "cloud", "kitchen", "shop"]

STEPS = 9  # of a promotion in two regions, before it is written down


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def known(shop: Shop) -> str:
    """The AMI's page, once the inventory knows the AMI."""
    learn_images(shop.kitchen.environment, HOME, [shop.image])
    return f"/images/{shop.image}/"


def previewed(client: Client, page: str, reason: str = "it is good") -> dict[str, str]:
    """What the form sends once its preview was seen."""
    asked = {"target": "prod", "reason": reason}
    text = text_of(client.post(f"{page}promote/", {**asked, "preview": "yes"}))
    found = re.search(r'name="previewed" value="([^"]+)"', text)
    assert found, text
    return {**asked, "previewed": found[1]}


def test_from_its_page_it_is_previewed_promoted_and_taken_back(operator: Client, shop: Shop) -> None:
    page = known(shop)
    shown = text_of(operator.get(page))
    assert f'href="{page}promote/?to=prod"' in shown
    assert "It was promoted nowhere." in shown
    form = text_of(operator.get(f"{page}promote/?to=prod"))
    assert '<option value="prod" selected>' in form
    asked = previewed(operator, page)
    assert not Promotion.objects.exists()
    preview = text_of(operator.post(f"{page}promote/", {**asked, "previewed": "other"}))
    assert f"Promote api 1.0.0 ({shop.image}) from test to prod in us-east-1, eu-west-1." in preview
    assert shop.prod.account in preview
    assert "Let prod use its snapshots in eu-west-1" in preview
    answer = operator.post(f"{page}promote/", asked)
    made = Promotion.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/promotions/{made.pk}/")
    assert (made.actor, made.reason) == ("operator", "it is good")
    carried(made)
    told = text_of(operator.get(f"/promotions/{made.pk}/"))
    assert f"prod may launch {shop.image} in us-east-1" in told
    assert f'href="/promotions/{made.pk}/revoke/"' in told
    assert operator.get(f"/promotions/{made.pk}/live/").status_code == 286
    shown = text_of(operator.get(page))
    assert "it is good" in shown
    assert "Promote to prod" not in shown
    taken = operator.post(f"/promotions/{made.pk}/revoke/", {"reason": "a hole in it"})
    assert taken.status_code == 302
    carried(made)
    shop.nothing_is_shared()
    assert "Taken back by operator: a hole in it" in text_of(operator.get(page))


def test_one_that_is_under_way_is_cancelled_and_the_list_tells_of_it(operator: Client, shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    carry_on(made, lambda: made.run.position >= STEPS)
    address = f"/promotions/{made.pk}/"
    assert f'href="{address}cancel/"' in text_of(operator.get(address))
    asked = text_of(operator.get(f"{address}cancel/"))
    assert "Cancel the promotion of api 1.0.0 to prod?" in asked
    assert "Puts back everything that was done, the last step first. Then prod may not launch it." in asked
    assert "being granted" in listed(operator, "standing=granting&environment=prod&actor=ann")
    answer = operator.post(f"{address}cancel/", {"reason": "the wrong one"})
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert carried(made).state == "undone"
    shop.nothing_is_shared()
    assert "Cancelled by operator after" in text_of(operator.get(address))
    late = operator.post(f"{address}cancel/", {"reason": ""})
    assert (late.status_code, "has ended already" in text_of(late)) == (409, True)
    assert "nothing to try again" in text_of(operator.get(f"{address}retry/"))
    assert f'href="{address}"' in listed(operator, f"standing=not_granted&image={shop.images[COPY]}")
    assert "No promotion matches." in listed(operator, "state=active")


def listed(client: Client, query: str) -> str:
    answer = client.get(f"/promotions/?{query}")
    assert answer.status_code == 200
    return text_of(answer)


def test_what_stands_against_it_is_shown_and_cannot_be_sent(operator: Client, shop: Shop) -> None:
    page = known(shop)
    asked = previewed(operator, page)
    shop.encrypted(COPY)
    answer = operator.post(f"{page}promote/", asked)
    assert answer.status_code == 422
    text = text_of(answer)
    assert "encrypted with AWS&#x27;s own key, which cannot be shared" in text
    assert 'name="previewed"' not in text
    assert not Promotion.objects.exists()


def test_one_that_goes_the_other_way_asks_why(operator: Client, shop: Shop) -> None:
    page = known(shop)
    Environment.objects.filter(name="test").update(images_from="prod")
    asked = previewed(operator, page, reason="")
    answer = operator.post(f"{page}promote/", asked)
    assert answer.status_code == 422
    text = text_of(answer)
    assert text.count("this goes the other way. Say why, if that is meant.") == 2, "in the preview and beside the field"
    assert 'id="id_reason_optional"></span>' in text
    assert not Promotion.objects.exists()
    assert operator.post(f"{page}promote/", {**asked, "reason": "to look into it"}).status_code == 302


def test_while_it_is_used_a_mark_and_a_reason_are_asked_for(operator: Client, shop: Shop) -> None:
    made = shop.promoted()
    shop.there().create_launch_template(LaunchTemplateName="api", LaunchTemplateData={"ImageId": shop.image})
    address = f"/promotions/{made.pk}/revoke/"
    assert "launch template api version 1 in us-east-1" in text_of(operator.get(address))
    answer = operator.post(address, {"reason": ""})
    assert answer.status_code == 422
    assert "Mark this if that is meant." in text_of(answer)
    assert "Say why: that it is used is overridden by this." in text_of(answer)
    assert operator.post(address, {"reason": "a hole", "although_used": "on"}).status_code == 302
    assert carried(made).state == "succeeded"


def test_a_viewer_reads_and_does_not_promote(viewer: Client, shop: Shop) -> None:
    page, made = known(shop), shop.promoted()
    assert viewer.get(f"/promotions/{made.pk}/").status_code == 200
    for path in (f"{page}promote/", f"/promotions/{made.pk}/revoke/"):
        for answer in (viewer.get(path), viewer.post(path)):
            assert answer.status_code == 403
    assert viewer.get("/promotions/999/").status_code == 404
