"""AMIs that nothing uses are marked, told of and deleted with their snapshots; nothing else is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.cloud.aws import session
from apps.cloud.aws.observe import observe
from apps.cloud.errors import Throttled, Unavailable
from apps.events.models import Event
from apps.images.janitor import all_kinds
from apps.images.janitor.afresh import Looks
from apps.images.models import Mark, ReferenceWatch
from apps.images.selectors.janitor import dry_run, rules_of
from apps.images.services import clean_up, end_keep, keep, note_references, set_rules
from apps.inventory.models import Environment, Image, SyncState
from tests.faults.injector import Died
from tests.images.cleaning import begun, days_pass, read, switch_on, until_due
from tests.images.kitchen import Kitchen, dying

REGION = "us-east-1"


@pytest.fixture
def old(kitchen: Kitchen) -> str:
    """The oldest of three AMIs of nobody's use: the one that may go, since the newest two stay."""
    ec2 = kitchen.place.client("ec2")
    Environment.objects.update(regions=[REGION])
    kitchen.environment.refresh_from_db()
    machine = ec2.run_instances(ImageId=kitchen.base.image_id, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[machine], WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    made = [_image(kitchen, machine, f"1.{number}") for number in range(3)]
    ec2.terminate_instances(InstanceIds=[machine])
    return made[0]


def _image(kitchen: Kitchen, machine: str, version: str) -> str:
    ec2 = kitchen.place.client("ec2")
    tags = [{"Key": "application", "Value": "api"}, {"Key": "version", "Value": version}]
    tagged = [{"ResourceType": kind, "Tags": tags} for kind in ("image", "snapshot")]
    image = str(ec2.create_image(InstanceId=machine, Name=f"api-{version}", TagSpecifications=tagged)["ImageId"])
    ec2.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    return image


def standing(kitchen: Kitchen) -> set[str]:
    return {each["ImageId"] for each in kitchen.own_images()}


def why(environment: Environment, image: str) -> str:
    """Why an AMI stays, by a dry run; empty where it goes."""
    return next(each.thing.stays for each in dry_run(environment) if each.thing.resource == image)


def story(image: str) -> list[str]:
    return list(
        Event.objects.filter(subject=image, kind__startswith="janitor.").order_by("id").values_list("kind", flat=True)
    )


def test_it_is_marked_told_of_and_deleted_with_its_snapshots(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    before, snapshots = standing(kitchen), kitchen.snapshots()
    mark = begun(kitchen.environment)
    assert (mark.resource, standing(kitchen)) == (old, before)
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says) == (Mark.State.DELETED, "")
    assert standing(kitchen) == before - {old}
    assert len(kitchen.snapshots()) == len(snapshots) - 1
    assert story(old) == [f"janitor.{each}" for each in ("marked", "notified", "deleting", "deleted")]
    read(kitchen.environment)
    assert clean_up(kitchen.environment)
    assert Mark.objects.count() == 1


def test_until_it_is_switched_on_it_only_shows_what_it_would_do(kitchen: Kitchen, old: str) -> None:
    set_rules(kitchen.environment, actor="ada", reason="tests", newest=2)
    until_due(kitchen.environment)
    assert not Mark.objects.exists()
    assert [each.thing.resource for each in dry_run(kitchen.environment) if each.goes] == [old]
    assert why(kitchen.environment, kitchen.base.image_id) == "It is approved as the base image plain."
    newest = [each.thing.stays for each in dry_run(kitchen.environment) if each.thing.called in ("api 1.1", "api 1.2")]
    assert newest == ["It is among the newest 2 of api."] * 2


def test_what_nobody_watched_counts_as_used_until_then(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    read(kitchen.environment)
    Image.objects.update(created_at=F("created_at") - timedelta(days=400))
    assert "It was made, or first watched," in why(kitchen.environment, old)
    days_pass(40)
    assert why(kitchen.environment, old) == ""
    ReferenceWatch.objects.update(last_at=timezone.now() - timedelta(days=2))
    assert "nobody has looked" in why(kitchen.environment, old)
    note_references()  # the watch begins anew: it may have been used meanwhile
    assert "first watched" in why(kitchen.environment, old)


def test_a_place_that_cannot_be_read_makes_its_use_unknown_and_never_unused(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    until_due(kitchen.environment)
    other = Environment.objects.create(name="prod", account_id="999999999999", role_arn="arn:x", regions=[REGION])
    assert why(kitchen.environment, old).endswith(f"The groups of prod in {REGION} could not be read lately.")
    assert clean_up(kitchen.environment)
    assert Mark.objects.get().state == Mark.State.UNMARKED
    other.delete()
    SyncState.objects.filter(kind="instances").update(error="denied")
    assert f"The instances of test in {REGION}" in why(kitchen.environment, old)


def used(kitchen: Kitchen, image: str, how: str) -> None:
    """Somebody begins to use an AMI, without the inventory having seen it."""
    ec2 = kitchen.place.client("ec2")
    data = {"ImageId": image, "InstanceType": "t3.small"}
    if how == "instance":
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    elif how == "template":
        ec2.create_launch_template(LaunchTemplateName="golden", LaunchTemplateData=data)
        ec2.create_launch_template_version(
            LaunchTemplateName="golden", SourceVersion="1", LaunchTemplateData={"ImageId": kitchen.base.image_id}
        )
    elif how == "configuration":
        kitchen.place.client("autoscaling").create_launch_configuration(LaunchConfigurationName="x", **data)
    elif how == "parameter":
        ec2.create_launch_template(LaunchTemplateName="golden", LaunchTemplateData={"ImageId": "resolve:ssm:/golden"})
    elif how == "shared":
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": "123412341234"}]})
    elif how == "public":
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    else:
        ec2.create_tags(Resources=[image], Tags=[{"Key": "keep", "Value": "for the audit"}])


USES = {
    "instance": "It is used by instance i-",
    "template": "It is used by version 1 of launch template golden",
    "configuration": "It is used by launch configuration x",
    "parameter": "names its AMI by a parameter",
    "shared": "It is shared with 123412341234",
    "public": "and public",
    "tag": "It has the tag keep=for the audit.",
}


@pytest.mark.parametrize("how", USES)
def test_a_fresh_look_at_the_last_moment_sees_what_the_inventory_has_not(kitchen: Kitchen, old: str, how: str) -> None:
    """Of seven ways in which it may be used, once before it is begun, once after."""
    switch_on(kitchen.environment)
    before = standing(kitchen)
    mark = begun(kitchen.environment)
    used(kitchen, old, how)
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, standing(kitchen)) == (Mark.State.UNMARKED, before)
    assert USES[how] in mark.says
    assert story(old)[-1] == "janitor.unmarked"
    assert USES[how] in Looks().objection(kitchen.environment, REGION, old) or how in {"public", "tag"}


def test_an_account_that_cannot_be_read_at_the_last_moment_puts_it_off(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    mark, before = begun(kitchen.environment), standing(kitchen)
    real = session._send

    def silent(target: Any, service: str, operation: str, *rest: Any, **how: Any) -> Any:
        if operation == "DescribeLaunchConfigurations":
            raise Unavailable("AWS gave no answer", operation=operation)
        return real(target, service, operation, *rest, **how)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_send", silent)
        patched.setattr("apps.cloud.aws.pace.ATTEMPTS", 1)
        assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says, standing(kitchen)) == (Mark.State.DELETING, "AWS gave no answer", before)
    assert clean_up(kitchen.environment)
    assert old not in standing(kitchen)


def test_what_cannot_be_read_in_a_rounds_time_is_said_on_the_mark(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    real = session._send

    def slow(target: Any, service: str, operation: str, *rest: Any, **how: Any) -> Any:
        if operation == "DescribeLaunchTemplateVersions":
            raise SoftTimeLimitExceeded
        return real(target, service, operation, *rest, **how)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_send", slow)
        with pytest.raises(SoftTimeLimitExceeded):
            clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says[:22]) == (Mark.State.DELETING, "All that may use it co")


def test_of_launch_templates_only_those_with_more_than_two_versions_cost_a_call_each(kitchen: Kitchen) -> None:
    ec2, ids = kitchen.place.client("ec2"), [f"ami-0000000000000000{number}" for number in range(6)]
    for name, (first, *later) in {"one": ids[:1], "two": ids[1:3], "three": ids[3:]}.items():
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": first})
        for each in later:
            ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData={"ImageId": each})
    calls: list[str] = []
    with observe(lambda call: calls.append(call.action)):
        seen = Looks().look(kitchen.environment.target(REGION))
    assert set(ids) <= set(seen.named)
    assert calls.count("ec2:DescribeLaunchTemplateVersions") == 2


def test_a_snapshot_that_somebody_keeps_outlives_its_ami(kitchen: Kitchen, old: str) -> None:
    """By a tag, or here. That AWS once more shows the AMI which was deregistered leaves no snapshot behind either."""
    ec2, kind = kitchen.place.client("ec2"), all_kinds()["image"]
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    (snapshot,) = mark.memory["snapshots"]
    ec2.create_tags(Resources=[snapshot], Tags=[{"Key": "keep", "Value": "audit"}])
    assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert (mark.state, mark.says) == ("deleted", f"Its snapshot {snapshot} stays. It has the tag keep=audit.")
    assert old not in standing(kitchen)
    assert kind.objection(mark, rules_of(kitchen.environment), Looks()) == ""
    ec2.delete_tags(Resources=[snapshot], Tags=[{"Key": "keep"}])
    kept = keep("test", REGION, "snapshot", snapshot, actor="maria")
    assert kind.delete(mark)
    assert snapshot in kitchen.snapshots()
    end_keep(kept.pk, actor="maria")
    assert kind.delete(mark)
    assert snapshot not in kitchen.snapshots()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("operation", ["DeregisterImage", "DeleteSnapshot"])
@pytest.mark.parametrize("how", ["dies", "times out", "is throttled"])
def test_whatever_ends_a_deletion_halfway_the_next_round_ends_it(
    kitchen: Kitchen, old: str, operation: str, how: str, *, after: bool
) -> None:
    switch_on(kitchen.environment)
    mark = begun(kitchen.environment)
    before, snapshots = standing(kitchen), kitchen.snapshots()
    with dying(operation, after=after, error=ERRORS[how]) as calls:
        if how == "dies":
            with pytest.raises(Died):
                clean_up(kitchen.environment)
        else:
            assert clean_up(kitchen.environment)
        mark.refresh_from_db()
        assert mark.state == Mark.State.DELETING
        assert clean_up(kitchen.environment)
    mark.refresh_from_db()
    assert mark.state == Mark.State.DELETED
    assert standing(kitchen) == before - {old}
    assert len(kitchen.snapshots()) == len(snapshots) - 1
    assert story(old).count("janitor.deleted") == 1
    assert calls[0] == "DeregisterImage"
    assert len(calls) <= 4


ERRORS: dict[str, type[BaseException]] = {"dies": Died, "times out": Unavailable, "is throttled": Throttled}


def test_of_two_janitors_at_once_one_works(kitchen: Kitchen, old: str) -> None:
    switch_on(kitchen.environment)
    begun(kitchen.environment)
    together = threading.Barrier(3)

    def work(_: int) -> bool:
        try:
            together.wait(10)
            return clean_up(kitchen.environment)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert any(pool.map(work, range(3)))
    assert old not in standing(kitchen)
    assert story(old).count("janitor.deleted") == 1
