"""Promotions on the lite cloud, between two accounts: granted, refused, found changed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from apps.events.models import Event
from apps.images.errors import Invalid, Refused
from apps.images.models import BakedImage, Mark, Promotion
from apps.images.promotion.progress import Standing, standing
from apps.images.services import preview_promotion, promote
from apps.inventory.models import Environment, Image
from apps.workflows.models import Run
from tests.images.shop import COPY, HOME, REGIONS, TAGS, Shop, carried

KINDS = ("image.", "snapshots.", "promotion.")


def codes(shop: Shop) -> dict[str, str]:
    """What stands against it, by code."""
    return {each.code: each.text for each in preview_promotion(shop.request()).findings}


def test_what_prod_could_not_launch_it_can_after_a_promotion(shop: Shop) -> None:
    shown = preview_promotion(shop.request(shop.images[COPY]))
    assert shown.possible
    assert shown.sentence == f"Promote api 1.0.0 ({shop.image}) from test to prod in us-east-1, eu-west-1"
    assert (shown.account, [each.visible for each in shown.images]) == (shop.prod.account, [False, False])
    assert [shop.launches(region) for region in REGIONS] == ["InvalidAMIID.NotFound"] * 2
    shop.nothing_is_shared()
    made = promote(shop.request(), actor="ann")
    run = carried(made)
    assert (run.state, run.failure) == ("succeeded", "")
    assert [shop.launches(region) for region in REGIONS] == ["DryRunOperation"] * 2
    assert made.tags == {**TAGS, "deployconsole:run": str(run.pk)}
    shop.all_is_shared(made)
    rows = Image.objects.filter(environment=shop.target, image_id__in=shop.images.values())
    assert {(row.region, row.source, row.version) for row in rows} == {(each, "shared", "1.0.0") for each in REGIONS}
    told = Event.objects.filter(run=run.pk).order_by("id").values_list("kind", flat=True)
    changes = [kind for kind in told if kind.startswith(KINDS)]
    each = ["image.shared", "snapshots.shared", "image.tagged"]
    assert changes == ["promotion.requested", *each, *each, "image.promoted"]


def test_what_it_was_decided_upon_is_kept(shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    assert (made.actor, made.reason, made.source.name, made.target.name) == ("ann", "it is good", "test", "prod")
    assert made.images == [
        {"region": region, "image_id": shop.images[region], "snapshots": shop.snapshots(region)} for region in REGIONS
    ]
    known = made.evidence
    assert known["bake"]["id"] == shop.bake.pk
    assert (known["manifest"]["packages"], len(known["manifest"]["sha256"])) == (1, 64)
    assert (known["build"], known["serves"]) == (None, [])


def test_who_asks_again_is_answered_with_the_same(shop: Shop) -> None:
    first = promote(shop.request(), actor="ann")
    again = promote(shop.request(shop.images[COPY]), actor="bob")
    assert (again.pk, again.joined) == (first.pk, True)
    carried(first)
    later = promote(shop.request(), actor="bob")
    assert (later.pk, later.joined) == (first.pk, True)
    shop.kitchen.ec2().reset_image_attribute(ImageId=shop.image, Attribute="launchPermission")
    anew = promote(shop.request(), actor="bob")
    assert (anew.pk > first.pk, anew.joined) == (True, False), "somebody took it back by hand"
    carried(anew)
    shop.all_is_shared(anew)
    first.refresh_from_db()
    assert standing(first) == Standing.REPLACED


def test_of_two_at_once_one_is_started(shop: Shop) -> None:
    together = threading.Barrier(3)

    def ask(_: int) -> tuple[int, bool]:
        try:
            together.wait(10)
            made = promote(shop.request(), actor="ann")
            return made.pk, made.joined
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as asking:
        answers = list(asking.map(ask, range(3)))
    assert len({pk for pk, _ in answers}) == 1
    assert sorted(joined for _, joined in answers) == [False, True, True]
    assert Run.objects.filter(kind="promotion").count() == 1
    row = Promotion.objects.get()
    row.pk, row.run = None, Run.objects.create(kind="x", subject="x", actor="x", due_at=None)
    with pytest.raises(IntegrityError, match="one_live_promotion"):
        row.save(force_insert=True)


def test_with_the_default_key_in_one_region_nothing_is_shared(shop: Shop) -> None:
    shop.encrypted(COPY)
    assert list(found := codes(shop)) == ["default-key"]
    assert found["default-key"].startswith(
        f"{shop.snapshots(COPY)[0]} of {shop.images[COPY]} in eu-west-1 is encrypted"
    )
    assert "modify-ebs-default-kms-key-id" in found["default-key"]
    with pytest.raises(Refused, match="which cannot be shared"):
        promote(shop.request(), actor="ann")
    assert not Promotion.objects.exists()
    shop.nothing_is_shared()


def test_encrypted_since_it_was_asked_for_nothing_is_shared(shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    shop.encrypted(COPY)
    Promotion.objects.filter(pk=made.pk).update(
        images=[
            {"region": region, "image_id": shop.images[region], "snapshots": shop.snapshots(region)}
            for region in REGIONS
        ]
    )
    run = carried(made)
    assert run.state == "undone"
    assert "in eu-west-1 is encrypted with AWS's own key" in run.failure
    shop.nothing_is_shared()
    made.refresh_from_db()
    assert (made.live, standing(made)) == (False, Standing.NOT_GRANTED)


def test_a_key_of_ones_own_needs_its_grants_and_they_are_named(shop: Shop) -> None:
    key = shop.key()
    shop.encrypted(HOME, key)
    text = codes(shop)["key-grants-missing"]
    assert text.startswith(f"The key {key} does not let Auto Scaling in prod launch: CreateGrant, Decrypt, DescribeKey")
    assert f"aws kms create-grant --region us-east-1 --key-id {key} --grantee-principal arn:aws:iam::" in text
    shop.grant(key, "Decrypt")
    assert "launch: CreateGrant, DescribeKey" in codes(shop)["key-grants-missing"]
    shop.grant(key)
    assert codes(shop) == {}
    made = promote(shop.request(), actor="ann")
    assert carried(made).state == "succeeded"
    assert shop.launches() == "DryRunOperation"


def test_a_key_that_cannot_be_looked_at_is_unknown(shop: Shop, granted: object) -> None:
    key = shop.key()
    shop.encrypted(HOME, key)
    shop.grant(key)
    granted(without="kms:GetKeyPolicy")  # type: ignore[operator]
    shown = preview_promotion(shop.request())
    assert [(each.level, each.code) for each in shown.findings] == [("warn", "unknown-key")]
    assert shown.findings[0].text.startswith(f"It is unknown whether prod may use the key {key}")


def test_what_is_not_as_it_was_baked_is_not_promoted(shop: Shop) -> None:
    BakedImage.objects.filter(region=COPY).update(snapshots=["snap-0123456789abcdef0"])
    assert "its snapshots are" in codes(shop)["image-changed"]
    with pytest.raises(Refused, match="no longer what it was"):
        promote(shop.request(), actor="ann")
    BakedImage.objects.filter(region=COPY).update(snapshots=shop.snapshots(COPY))
    going = {"environment": shop.kitchen.environment, "region": COPY, "kind": "image", "because": "x"}
    now = timezone.now()
    mark = Mark.objects.create(**going, resource=shop.images[COPY], state="deleting", since=now, due_at=now)
    assert codes(shop) == {
        "image-going": f"The janitor is deleting {shop.images[COPY]}. Promote another, or bake it again."
    }
    with pytest.raises(Refused, match="The janitor is deleting"):
        promote(shop.request(), actor="ann")
    mark.delete()
    shop.kitchen.ec2(COPY).deregister_image(ImageId=shop.images[COPY])
    assert codes(shop)["image-gone"].startswith(f"test has no {shop.images[COPY]} in eu-west-1 any more.")
    assert not Promotion.objects.exists()


def test_where_it_may_not_go_is_said(shop: Shop) -> None:
    for target, why in (("nowhere", "There is no environment"), ("test", "may launch it already")):
        with pytest.raises(Invalid) as refused:
            promote(type(shop.request())(shop.image, target), actor="ann")
        assert why in refused.value.errors["target"][0]
    Environment.objects.create(name="stage", account_id="123456789012", regions=[HOME])
    Environment.objects.filter(name="prod").update(images_from="stage")
    with pytest.raises(Refused, match="prod takes its images from stage"):
        promote(shop.request(), actor="ann")
    with pytest.raises(Invalid, match="no AMI ami-0123456789abcdef0 that a known environment owns"):
        promote(shop.request("ami-0123456789abcdef0"), actor="ann")


@pytest.mark.parametrize("said", ["images_from", "production"])
def test_from_production_back_to_test_it_goes_only_with_a_reason(shop: Shop, said: str) -> None:
    assert "backwards" not in codes(shop)
    if said == "production":
        Environment.objects.filter(name="prod").update(production=False)
        Environment.objects.filter(name="test").update(production=True)
    else:
        Environment.objects.filter(name="test").update(images_from="prod")
    assert codes(shop)["backwards"].startswith("Images go from prod to test, and this goes the other way.")
    with pytest.raises(Invalid) as refused:
        promote(shop.request(reason=" "), actor="ann")
    assert "Say why" in refused.value.errors["reason"][0]
    assert not Promotion.objects.exists()
    assert promote(shop.request(), actor="ann")


def test_a_region_that_the_target_has_not_is_left_out(shop: Shop) -> None:
    Environment.objects.filter(name="prod").update(regions=[COPY])
    shown = preview_promotion(shop.request())
    assert ([each.region for each in shown.images], shown.left_out) == ([COPY], (HOME,))
    Environment.objects.filter(name="prod").update(regions=["ap-south-1"])
    with pytest.raises(Refused, match="has none of the regions"):
        preview_promotion(shop.request())


def test_one_that_was_not_baked_here_is_promoted_and_that_is_told(shop: Shop) -> None:
    image = shop.kitchen.ec2().register_image(Name="web-1", Architecture="x86_64")["ImageId"]
    fields = {"name": "web-1", "state": "available", "source": "owned", "created_at": shop.bake.created_at}
    Image.objects.create(
        environment=shop.kitchen.environment, region=HOME, image_id=image, read_at=shop.bake.created_at, **fields
    )
    shown = preview_promotion(shop.request(image))
    assert [(each.level, each.code) for each in shown.findings] == [("warn", "not-baked")]
    made = promote(shop.request(image), actor="ann")
    assert carried(made).state == "succeeded"
    assert (made.bake, made.evidence["manifest"]) == (None, None)


def test_a_role_that_does_not_let_us_look_from_there_is_said_before(shop: Shop) -> None:
    shop.forbid("ec2:DescribeImages")
    assert codes(shop)["no-role"].startswith("The role of prod does not let us look in ")
    with pytest.raises(Refused, match="Mend the role, then promote"):
        promote(shop.request(), actor="ann")
    shop.nothing_is_shared()


def test_where_prods_role_may_not_tag_all_is_taken_back(shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    shop.forbid("ec2:CreateTags")
    run = carried(made)
    assert run.state == "undone"
    assert "ec2:CreateTags" in run.failure
    shop.nothing_is_shared()
