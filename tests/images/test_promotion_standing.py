"""How a promotion stands once it was taken back, or was not wholly, in words."""

from __future__ import annotations

from apps.console.build.promotions import standing_of
from apps.events.models import Event
from apps.images.promotion.progress import Standing, standing
from apps.inventory.models import Environment
from apps.workflows.models import Run
from apps.workflows.states import RunState
from tests.console.promoting import promotion
from tests.images.shop import Shop, carried


def test_one_whose_taking_back_failed_halfway_is_not_granted_any_more_and_may_be_taken_back_again(db: None) -> None:
    source, target = (
        Environment.objects.create(name=name, account_id=number * 12, regions=["us-east-1"])
        for name, number in (("test", "1"), ("prod", "2"))
    )
    made = promotion(source, target)
    assert standing(made) == Standing.GRANTED
    made.revocation = Run.objects.create(kind="revocation", subject="x", actor="bob", state=RunState.FAILED)
    assert standing(made) == Standing.PARTLY
    assert made.stands
    assert standing_of(made).word == "partly taken back"


def test_taken_back_of_an_ami_that_is_public_it_says_who_still_may(shop: Shop) -> None:
    made = shop.promoted()
    public = {"Add": [{"Group": "all"}]}
    shop.kitchen.place.client("ec2").modify_image_attribute(ImageId=shop.image, LaunchPermission=public)
    assert carried(shop.revoking(made)).state == "succeeded"
    told = Event.objects.filter(kind="image.withdrawn", subject=shop.image).get().summary
    assert told.endswith(", but as anybody may: the AMI is public")
