"""Promotions that are taken back on the lite cloud: wholly, and only where nothing uses the AMI, or all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError

from apps.events.models import Event
from apps.images.errors import Invalid, Refused
from apps.images.models import Promotion
from apps.images.promotion.progress import Standing, standing
from apps.images.services import PromotionRequest, promote
from apps.inventory.models import Environment, Image
from apps.inventory.services import update_environment
from apps.workflows.models import Run
from tests.images.shop import COPY, HOME, REGIONS, Shop, carried


def test_taken_back_prod_can_launch_it_no_more(shop: Shop) -> None:
    made = shop.promoted()
    taken = shop.revoking(made, reason="a hole in it")
    run = carried(taken)
    assert (run.state, run.failure) == ("succeeded", "")
    shop.nothing_is_shared()
    assert shop.launches() == "InvalidAMIID.NotFound"
    made.refresh_from_db()
    assert (made.live, standing(made), made.revocation.actor) == (False, Standing.REVOKED, "bob")
    assert not Image.objects.filter(environment=shop.target, gone_at__isnull=True).exists()
    with pytest.raises(Refused, match="taken back already, by bob"):
        shop.revoking(made)
    anew = promote(shop.request(), actor="ann")
    assert carried(anew).state == "succeeded"
    shop.all_is_shared(anew)


@contextmanager
def used(shop: Shop, how: str) -> Iterator[str]:
    """Somebody in prod uses the AMI for a while, and the inventory has not seen it; who, in words."""
    client, scaling = shop.there(), shop.prod.client("autoscaling")
    if how == "instance":
        launched = client.run_instances(ImageId=shop.image, MinCount=1, MaxCount=1, InstanceType="t3.small")
        machine = launched["Instances"][0]["InstanceId"]
        yield f"instance {machine}"
        client.terminate_instances(InstanceIds=[machine])
        return
    data = {"ImageId": "resolve:ssm:/golden" if how == "parameter" else shop.image, "InstanceType": "t3.small"}
    made = client.create_launch_template(LaunchTemplateName="api", LaunchTemplateData=data)["LaunchTemplate"]
    if how == "group":  # scaled to nothing, and pinned to what is neither the latest nor the default version any more
        template = {"LaunchTemplateId": made["LaunchTemplateId"]}
        client.create_launch_template_version(
            **template, SourceVersion="1", LaunchTemplateData={"ImageId": shop.kitchen.base.image_id}
        )
        client.modify_launch_template(**template, DefaultVersion="2")
        named = {"AutoScalingGroupName": "api-v001"}
        scaling.create_auto_scaling_group(
            **named, MinSize=0, MaxSize=1, LaunchTemplate={**template, "Version": "1"}, AvailabilityZones=[f"{HOME}a"]
        )
        yield "group api-v001"
        scaling.delete_auto_scaling_group(**named)
    else:
        yield f"launch template api version 1{', whose AMI a parameter names,' if how == 'parameter' else ''}"
    client.delete_launch_template(LaunchTemplateId=made["LaunchTemplateId"])


ADVICE = "Push another image there and delete what is left of these, groups that stand by .+ \\(although_used"


def test_while_prod_uses_it_it_is_taken_back_only_with_a_reason(shop: Shop) -> None:
    made = shop.promoted()
    for how in ("instance", "group", "parameter"):
        with used(shop, how) as who, pytest.raises(Refused, match=f"prod uses api 1.0.0: {who} in us-east-1. {ADVICE}"):
            shop.revoking(made)
    with used(shop, "template") as who:
        with pytest.raises(Refused, match=who):
            shop.revoking(made)
        with pytest.raises(Invalid, match="Say why"):
            shop.revoking(made, although_used=True)
        taken = shop.revoking(made, although_used=True, reason="a hole in it")
        assert carried(taken).state == "succeeded"
    shop.nothing_is_shared()
    event = Event.objects.get(kind="promotion.revoke_requested")
    assert (event.reason, event.after) == ("a hole in it", {"used_by": [f"{who} in us-east-1"], "overridden": True})


def test_a_copy_that_somebody_deregistered_does_not_keep_the_others_shared(shop: Shop) -> None:
    made = shop.promoted()
    shop.kitchen.ec2(COPY).deregister_image(ImageId=shop.images[COPY])
    run = carried(shop.revoking(made, reason="a hole in it"))
    assert (run.state, run.failure) == ("succeeded", "")
    assert shop.shared() == ([], [], {})
    for snapshot in made.images[1]["snapshots"]:
        told = shop.kitchen.ec2(COPY).describe_snapshot_attribute(
            SnapshotId=snapshot, Attribute="createVolumePermission"
        )
        assert told["CreateVolumePermissions"] == []


def test_another_environment_of_the_same_account_keeps_what_was_promoted_to_it(shop: Shop) -> None:
    Environment.objects.create(
        name="stage", account_id=shop.prod.account, role_arn=shop.prod.role_arn, regions=list(REGIONS)
    )
    request = PromotionRequest(shop.image, "stage", "it is good")
    made = promote(shop.request(), actor="ann")
    with pytest.raises(Refused, match="Others promote"):
        promote(request, actor="ann")
    carried(made)
    other = promote(request, actor="ann")
    assert carried(other).state == "succeeded"
    with pytest.raises(Refused, match=f"promotion {other.pk} to stage, which is of the same account"):
        shop.revoking(made)
    shop.all_is_shared(other)
    assert carried(shop.revoking(made, although_used=True, reason="a hole in it")).state == "succeeded"
    assert carried(shop.revoking(other)).state == "succeeded"
    assert [shop.shared(region)[:2] for region in REGIONS] == [([], []), ([], [])]


def test_an_environment_with_promotions_keeps_its_account_until_they_are_taken_back(db: None) -> None:
    source, target = (
        Environment.objects.create(name=name, account_id=account, regions=[HOME])
        for name, account in (("test", "1" * 12), ("prod", "2" * 12))
    )
    run = Run.objects.create(kind="promotion", subject="x", actor="ann", state="succeeded", due_at=None)
    Promotion.objects.create(
        image_id="ami-0", images=[], application="api", source=source, target=target, run=run, actor="ann"
    )
    for environment in (source, target):
        with pytest.raises(ValidationError) as refused:
            update_environment(environment.name, account_id="3" * 12, actor="ann")
        (why,) = refused.value.message_dict["account_id"]
        assert why.startswith("Its account has promotion ")
        assert " of api to prod. Take back what was promoted first" in why
        update_environment(environment.name, description="the shop's", actor="ann")
    Promotion.objects.update(live=False)
    assert update_environment("prod", account_id="3" * 12, actor="ann").account_id == "3" * 12


def test_used_since_it_was_asked_for_it_is_not_taken_back(shop: Shop) -> None:
    made = shop.promoted()
    taken = shop.revoking(made)
    shop.there().create_launch_template(LaunchTemplateName="api", LaunchTemplateData={"ImageId": shop.image})
    run = carried(taken)
    assert run.state == "undone"
    assert "prod uses it: launch template api version 1" in run.failure
    shop.all_is_shared(made)
    made.refresh_from_db()
    assert standing(made) == Standing.GRANTED
