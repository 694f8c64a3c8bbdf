"""One cluster is read at once, around whatever the console does to it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from apps.cloud.aws.session import observe
from apps.inventory import services
from apps.inventory.models import Cluster, Group, Image, Instance
from apps.inventory.services import refresh as refreshing
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


def quiet(environment):
    """Lets the pause since the last round pass."""
    Cluster.objects.update(refreshed_at=database_time() - timedelta(seconds=refreshing.PAUSE))


def test_a_refresh_that_is_asked_for_is_made_at_once_when_it_is_quiet(environment, shop):
    refresh(environment)
    quiet(environment)
    shop.group("shop.api-main-v500", shop.template_id)
    assert services.refresh_soon(environment, REGION, CLUSTER, ["shop.api-main-v500"]) == 0.0
    assert Group.objects.filter(name="shop.api-main-v500").exists()


def test_too_soon_after_a_round_one_is_told_to_come_again_and_nothing_is_forgotten(environment, shop, monkeypatch):
    monkeypatch.setattr(refreshing, "PAUSE", 60.0)  # so that a slow machine is still too soon
    refresh(environment)
    shop.group("shop.api-main-v500", shop.template_id)
    wait = services.refresh_soon(environment, REGION, CLUSTER, ["shop.api-main-v500"])
    assert 0.0 < wait <= refreshing.PAUSE
    assert not Group.objects.filter(name="shop.api-main-v500").exists()
    quiet(environment)
    assert services.refresh_wanted(environment, REGION) == 0.0
    assert Group.objects.filter(name="shop.api-main-v500").exists()


def test_while_a_round_goes_on_one_is_told_to_come_again(environment, shop):
    refresh(environment)
    quiet(environment)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            lock = f"inventory refresh {environment.pk} {REGION}"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
        assert services.refresh_soon(environment, REGION, CLUSTER) == refreshing.PAUSE
    finally:
        other.close()


def test_clusters_that_are_asked_for_together_are_read_together(environment, shop):
    for name in ("cart-main-v000", "mail-main-v000"):
        shop.group(name, shop.template_id)
    services.sync_region(environment, REGION)
    Cluster.objects.update(refresh_wanted_at=database_time())
    calls = []
    with observe(calls.append):
        services.refresh_wanted(environment, REGION)
    operations = [call.operation for call in calls]
    assert operations.count("DescribeAutoScalingGroups") == operations.count("DescribeInstances") == 1
    assert Cluster.objects.filter(refreshed_at__gt=F("refresh_wanted_at")).count() == 3


def test_nothing_asked_for_is_nothing_read(environment, shop):
    refresh(environment)
    quiet(environment)
    calls = []
    with observe(calls.append):
        assert services.refresh_wanted(environment, REGION) == 0.0
    assert calls == []


def test_a_cluster_of_no_row_is_read_at_once(environment, shop):
    assert services.refresh_soon(environment, REGION, CLUSTER) == 0.0
    assert Cluster.objects.filter(name=CLUSTER).exists()


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
