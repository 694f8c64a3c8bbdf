"""One cluster is read at once, around whatever the console does to it."""

from datetime import timedelta

import pytest

from apps.cloud.aws.session import observe
from apps.inventory import services
from apps.inventory.models import Cluster, Group, Image, Instance
from apps.inventory.services.clock import database_time
from tests.inventory.shop import eventually

pytestmark = pytest.mark.django_db(transaction=True)

REGION, CLUSTER = "us-east-1", "shop.api-main"


def refresh(environment, *groups):
    services.refresh_cluster(environment, REGION, CLUSTER, groups)


def test_a_cluster_nobody_has_read_yet_is_found_by_its_name(environment, shop):
    refresh(environment)
    assert set(Group.objects.values_list("name", flat=True)) == {"shop.api-main-v001", "shop.api-main-v002"}
    assert Cluster.objects.get().refreshed_at


def test_the_clusters_next_group_is_seen_without_being_named(environment, shop):
    refresh(environment)
    shop.group("shop.api-main-v003", shop.template_id)
    refresh(environment)
    assert Group.objects.filter(name="shop.api-main-v003").exists()


def test_a_group_that_is_named_is_read_whatever_its_number(environment, shop):
    refresh(environment)
    shop.group("shop.api-main-v500", shop.template_id)
    refresh(environment, "shop.api-main-v500")
    assert Group.objects.filter(name="shop.api-main-v500").exists()


def test_instances_health_and_amis_come_with_it(environment, shop):
    def check():
        refresh(environment)
        rows = Instance.objects.filter(group__name="shop.api-main-v002", gone_at=None)
        assert [row.target_health.get(shop.target_group_arn, {}).get("state") for row in rows] == ["healthy"] * 2

    services.sync_region(environment, REGION)
    eventually(check)
    assert Image.objects.get().version == "4.1.9"


def test_a_group_that_is_gone_is_gone_at_once(environment, shop):
    refresh(environment)
    shop.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="shop.api-main-v001", ForceDelete=True)

    def check():
        refresh(environment)
        assert Group.objects.get(name="shop.api-main-v001").gone_at

    eventually(check)
    assert Group.objects.get(name="shop.api-main-v002").gone_at is None


def test_other_clusters_and_groups_are_left_alone(environment, shop):
    services.sync_region(environment, REGION)
    shop.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="terraform made this", ForceDelete=True)
    refresh(environment)
    assert Group.objects.get(name="terraform made this").gone_at is None


def test_an_older_sync_that_ends_later_does_not_undo_a_refresh(environment, shop, monkeypatch):
    services.sync_region(environment, REGION)
    began = database_time() - timedelta(seconds=5)
    shop.autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop.api-main-v001", MaxSize=3)
    refresh(environment)
    shop.autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop.api-main-v001", MaxSize=9)
    monkeypatch.setattr("apps.inventory.services.logbook.database_time", lambda: began)
    services.sync_region(environment, REGION)
    assert Group.objects.get(name="shop.api-main-v001").max_size == 3


def test_a_refresh_is_a_handful_of_calls(environment, shop):
    services.sync_region(environment, REGION)
    refresh(environment)
    calls = []
    with observe(calls.append):
        refresh(environment)
    assert [call.operation for call in calls] == [
        "DescribeAutoScalingGroups",
        "DescribeInstances",
        "DescribeTargetHealth",
    ]
