"""What is kept, frozen, switched off or needed stays; snapshots that were left behind go; rules are checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.deployments.models import Freeze
from apps.events.models import Event
from apps.images.errors import Invalid
from apps.images.janitor import all_kinds
from apps.images.janitor.afresh import Looks
from apps.images.models import Bake, BakedImage, BaseImage, ImageReference, Keep, Mark, Promotion
from apps.images.selectors.janitor import rules_of, where_used
from apps.images.services import clean_up, end_keep, keep, set_rules
from apps.images.services.janitor.life import intend
from apps.inventory.models import Environment, Image
from apps.workflows.models import Run
from apps.workflows.states import RunState
from tests.console import promoting
from tests.images.cleaning import begun, read, switch_on, until_due
from tests.images.kitchen import Kitchen, ended
from tests.images.test_janitor import REGION, old, standing, story, used, why

__all__ = ["old"]


def test_what_somebody_keeps_stays_until_they_no_longer_do(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    until_due(kitchen.environment)
    twin = Environment.objects.create(name="twin", account_id=kitchen.environment.account_id, regions=[REGION])
    kept = keep("twin", REGION, "image", old, actor="maria", reason="for the audit")
    assert keep("twin", REGION, "image", old, actor="jo").pk == kept.pk
    assert kept.note == ""
    for kind, name in (
        ("snapshot", "snap-0dd"),
        ("group", "a-v001"),
        ("template-version", "lt-0dd:1"),
        ("image", "ami-0dd"),
    ):
        assert keep("test", REGION, kind, name, actor="jo").note.startswith(f"No {kind} {name} is known in test"), name
    Keep.objects.exclude(pk=kept.pk).delete()
    assert Mark.objects.get().says == "maria keeps it."
    assert clean_up(kitchen.environment)
    assert why(kitchen.environment, old) == "maria keeps it: for the audit"
    begun_meanwhile = Mark.objects.get()
    begun_meanwhile.state = Mark.State.NOTIFIED
    begun_meanwhile.save()
    assert not intend(begun_meanwhile, {})
    end_keep(kept.pk, actor="maria")
    twin.delete()
    assert why(kitchen.environment, old) == ""
    assert story(old)[-3:] == ["janitor.kept", "janitor.unmarked", "janitor.keep_ended"]
    with pytest.raises(Invalid) as wrong:
        keep("dev", "x", "house", " ", actor="maria")
    assert set(wrong.value.errors) == {"environment", "kind", "resource"}


def test_what_is_begun_and_kept_before_it_is_touched_stays(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    keep("test", REGION, "image", old, actor="maria")
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says) == (Mark.State.UNMARKED, "maria keeps it.")
    assert old in standing(kitchen)


def test_a_freeze_holds_it_back_and_switching_it_off_ends_it(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    now, hour = timezone.now(), timedelta(hours=1)
    freeze = Freeze.objects.create(starts_at=now, ends_at=now + hour, actor="jo", reason="fair", application="api")
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert mark.state == Mark.State.DELETING
    assert "Application api is frozen until" in mark.says
    freeze.delete()
    switch_on(kitchen.environment, active=False)
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says) == (Mark.State.UNMARKED, "The janitor was switched off.")
    assert old in standing(kitchen)


def test_what_a_promotion_lets_another_environment_launch_stays_until_it_is_taken_back(
    kitchen: Kitchen, old: str
) -> None:
    """Also a copy of what was promoted, and one that was asked for when the janitor had begun."""
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    target = Environment.objects.create(name="prod", account_id="999999999999", regions=[])
    made = promoting.promotion(kitchen.environment, target, old, state=RunState.WAITING)
    Promotion.objects.update(image_id="ami-0ftheotherregion")
    says = f"Promotion {made.pk} to prod is under way."
    assert all_kinds()["image"].objection(mark, rules_of(kitchen.environment), Looks()) == says
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says, old in standing(kitchen)) == (Mark.State.UNMARKED, says, True)
    for state, stays in (("undone", ""), ("succeeded", f"Promotion {made.pk} lets prod launch it.")):
        Run.objects.filter(pk=made.run_id).update(state=state, ended_at=timezone.now())
        assert why(kitchen.environment, old) == stays
    Promotion.objects.update(live=False)
    assert why(kitchen.environment, old) == ""


def test_approved_bases_what_is_used_its_copies_and_its_base_are_kept_in_mind(kitchen: Kitchen, old: str) -> None:
    used(kitchen, old, "template")
    BaseImage.objects.update(withdrawn_at=timezone.now())
    kitchen.place.client("ec2").create_tags(
        Resources=[old], Tags=[{"Key": "base_image", "Value": kitchen.base.image_id}]
    )
    read(kitchen.environment)
    says = why(kitchen.environment, kitchen.base.image_id)
    assert says.startswith(("It is used by version 2 of launch template", "It is the base of"))
    shown = where_used(Image.objects.get(image_id=old))
    assert [(each.name, each.version, each.current) for each in shown.templates] == [("golden", 1, True)]
    assert "version 1 of launch template" in shown.last_referenced_by
    base = Image.objects.get(image_id=kitchen.base.image_id)
    assert [each.image_id for each in where_used(base).base_of] == [old]
    assert ImageReference.objects.filter(image_id=kitchen.base.image_id).exists()


def test_no_more_are_begun_at_a_time_than_the_rules_allow(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment, most_a_round=1)
    until_due(kitchen.environment)
    first = Mark.objects.get()
    other = Mark.objects.create(
        environment=kitchen.environment, region=REGION, kind="image", resource="ami-0", because="x", state="deleting",
        since=first.since, due_at=first.due_at, deleting_at=timezone.now(),
    )  # fmt: skip
    assert clean_up(kitchen.environment)
    assert not Mark.objects.exclude(pk=other.pk).filter(state="deleting").exists()


def test_snapshots_of_a_bake_whose_image_somebody_deregistered_go_too(kitchen: Kitchen) -> None:
    baked = kitchen.started()
    Environment.objects.update(regions=[REGION])
    kitchen.environment.refresh_from_db()
    assert ended(baked).state == "succeeded"
    read(kitchen.environment)
    row = BakedImage.objects.get()
    kitchen.place.client("ec2").deregister_image(ImageId=row.image_id)
    assert kitchen.snapshots() == set(row.snapshots)
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    assert (mark.kind, mark.resource) == ("snapshot", row.snapshots[0])
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert mark.state == Mark.State.DELETED, mark.says
    assert kitchen.snapshots() == set()
    row.refresh_from_db()
    assert row.snapshots == []


def test_a_bake_whose_image_is_deleted_answers_for_no_request_any_more(kitchen: Kitchen) -> None:
    baked = kitchen.started()
    Environment.objects.update(regions=[REGION])
    kitchen.environment.refresh_from_db()
    assert ended(baked).state == "succeeded"
    image = BakedImage.objects.get().image_id
    mark = Mark(environment=kitchen.environment, region=REGION, kind="image", resource=image)
    kind = all_kinds()["image"]
    mark.memory = dict(kind.prepare(mark))
    assert kind.delete(mark)
    assert kitchen.own_images() == []
    assert kitchen.snapshots() == set()
    assert not Bake.objects.get().live
    assert BakedImage.objects.get().deleted_at


@pytest.mark.parametrize(
    ("given", "field"),
    [({"unused_days": 0}, "unused_days"), ({"newest": 1}, "newest"), ({"most_a_round": 1000}, "most_a_round"),
     ({"x": 1}, "x"), ({"active": "yes"}, "active"), ({"reason": " "}, "reason")],
)  # fmt: skip
def test_rules_are_checked_and_their_changes_recorded(db: None, given: dict[str, Any], field: str) -> None:
    environment = Environment.objects.create(name="test", account_id="123456789012", regions=[REGION])
    with pytest.raises(Invalid) as wrong:
        set_rules(environment, actor="ada", **{"reason": "why", **given})
    assert list(wrong.value.errors) == [field]
    set_rules(environment, actor="ada", reason="less", unused_days=60)
    told = Event.objects.get()
    assert told.summary == "ada changed the janitor's rules of test: unused_days 30 → 60"
