"""Promotions whose workers die, whose calls are throttled, and that are stopped: all is granted, or nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from apps.cloud.errors import NotFound
from apps.events.models import Event
from apps.images.errors import Refused
from apps.images.models import Promotion
from apps.images.promotion.progress import Standing, standing
from apps.images.services import promote
from apps.inventory.models import Environment
from apps.workflows import services as workflows
from apps.workflows.models import Attempt, Run
from tests.faults.workers import carry_on
from tests.images.kitchen import dying
from tests.images.shop import HOME, Shop, carried, throttling

GRANTING = ("ModifyImageAttribute", "ModifySnapshotAttribute", "CreateTags")
REVOKING = ("DeleteTags", "ModifySnapshotAttribute", "ModifyImageAttribute")
READING = ("DescribeImages", "DescribeImageAttribute", "DescribeSnapshotAttribute", "DescribeTags")
STEPS, TAGGING = 6, 3  # of a promotion in one region, and which of them writes tags


@pytest.fixture(autouse=True)
def one_region(shop: Shop) -> None:
    """What happens in one happens in each."""
    Environment.objects.filter(name="prod").update(regions=[HOME])
    shop.target.refresh_from_db()


def stopped_at(run: Run, step: int) -> None:
    """Goes forward to a step, and is cancelled there."""
    carry_on(SimpleNamespace(run=run), lambda: run.position >= step)
    workflows.cancel(run.pk, actor="ann", reason="a mistake")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", GRANTING)
def test_a_worker_killed_at_a_call_grants_it_once_and_wholly(call: str, after: bool, shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    with dying(call, after=after) as calls:
        run = carried(made)
    assert call in calls
    assert (run.state, run.failure) == ("succeeded", "")
    shop.all_is_shared(made)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", REVOKING)
def test_a_worker_killed_at_a_call_takes_it_back_wholly(call: str, after: bool, shop: Shop) -> None:
    taken = shop.revoking(shop.promoted())
    with dying(call, after=after) as calls:
        run = carried(taken)
    assert call in calls
    assert (run.state, run.failure) == ("succeeded", "")
    shop.nothing_is_shared()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["ModifyImageAttribute", "ModifySnapshotAttribute", "DeleteTags"])
def test_a_worker_killed_while_it_undoes_leaves_nothing_shared(call: str, after: bool, shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    stopped_at(made.run, STEPS - 1)
    with dying(call, after=after) as calls:
        run = carried(made)
    assert call in calls
    assert run.state == "undone"
    shop.nothing_is_shared()


@pytest.mark.parametrize("step", [0, 1, 2, 3, 4, 5])
def test_cancelled_at_any_step_nothing_is_shared(step: int, shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    stopped_at(made.run, step)
    run = carried(made)
    assert run.state == ("cancelled" if step == 0 else "undone")
    shop.nothing_is_shared()
    assert promote(shop.request(), actor="ann").joined is False, "another takes its place"


def test_what_was_so_before_stays_so_when_it_is_undone(shop: Shop) -> None:
    permission = {"Add": [{"UserId": shop.prod.account}]}
    shop.kitchen.ec2().modify_image_attribute(ImageId=shop.image, LaunchPermission=permission)
    shop.there().create_tags(Resources=[shop.image], Tags=[{"Key": "version", "Value": "theirs"}])
    made = promote(shop.request(), actor="ann")
    stopped_at(made.run, STEPS - 1)
    (image,) = shop.there().describe_images(ImageIds=[shop.image])["Images"]
    assert {"Key": "version", "Value": "1.0.0"} in image["Tags"]
    assert carried(made).state == "undone"
    told = shop.kitchen.ec2().describe_image_attribute(ImageId=shop.image, Attribute="launchPermission")
    assert [each["UserId"] for each in told["LaunchPermissions"]] == [shop.prod.account]
    (image,) = shop.there().describe_images(ImageIds=[shop.image])["Images"]
    assert image["Tags"] == [{"Key": "version", "Value": "theirs"}]


@pytest.mark.parametrize("step", [1, 2, 4])
def test_a_revocation_that_is_cancelled_leaves_all_shared(step: int, shop: Shop) -> None:
    made = shop.promoted()
    taken = shop.revoking(made)
    assert taken.revocation is not None
    stopped_at(taken.revocation, step)
    with throttling("CreateTags", error=NotFound) as struck:  # what is shared again, AWS does not show at once
        assert carried(taken).state == "undone"
    assert bool(struck) == (step > 1), "at first nothing was taken away"
    shop.all_is_shared(made)
    made = Promotion.objects.select_related("run", "revocation").get(pk=made.pk)
    assert standing(made) == Standing.GRANTED
    assert carried(shop.revoking(made)).state == "succeeded", "it can be asked for again"


def test_killed_and_then_cancelled_nothing_is_shared(shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    with dying("ModifyImageAttribute", after=True) as calls:
        carry_on(made, lambda: bool(calls))
        workflows.cancel(made.run_id, actor="ann", reason="a mistake")
        run = carried(made)
    assert run.state == "undone"
    shop.nothing_is_shared()
    told = Event.objects.filter(run=run.pk, subject=shop.image, kind__startswith="image.").order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["image.shared", "image.withdrawn"], "both ways are told of"


def test_one_that_cannot_be_undone_answers_nobody_who_asks_again(shop: Shop, granted: object) -> None:
    made = promote(shop.request(), actor="ann")
    carry_on(made, lambda: made.run.position >= TAGGING)
    shop.forbid("ec2:CreateTags")
    granted(without="ec2:ModifyImageAttribute")  # type: ignore[operator]
    run = carried(made)
    assert (run.state, run.phase) == ("needs_person", "undo")
    with pytest.raises(Refused, match="Look at its promotions"):
        promote(shop.request(), actor="ann")


def test_throttled_everywhere_it_is_granted_and_taken_back(shop: Shop) -> None:
    made = promote(shop.request(), actor="ann")
    with throttling(*GRANTING, *READING) as struck:
        run = carried(made)
    assert (run.state, run.failure, set(struck)) == ("succeeded", "", {*GRANTING, *READING})
    shop.all_is_shared(made)
    taken = shop.revoking(made)
    with throttling(*REVOKING) as struck:
        run = carried(taken)
    assert (run.state, set(struck)) == ("succeeded", set(REVOKING))
    shop.nothing_is_shared()


@pytest.mark.parametrize("action", ["ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"])
def test_what_the_role_may_not_do_is_said_and_nothing_is_shared(action: str, shop: Shop, granted: object) -> None:
    made = promote(shop.request(), actor="ann")
    granted(without=action)  # type: ignore[operator]
    run = carried(made)
    assert run.state == "undone"
    assert action in run.failure
    shop.nothing_is_shared()


def test_every_changing_call_is_kept_with_its_attempt(shop: Shop) -> None:
    made = shop.promoted()
    kept = [
        call["operation"]
        for attempt in Attempt.objects.filter(step__run=made.run).order_by("id")
        for call in attempt.log
        if call["changing"]
    ]
    assert list(dict.fromkeys(kept)) == list(GRANTING)
