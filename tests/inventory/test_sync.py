"""An account built by other tools is taken over as it is, in a few reads, and again without writing."""

from dataclasses import replace

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from apps.cloud.aws.session import observe
from apps.cloud.errors import Denied
from apps.inventory import services
from apps.inventory.models import (
    Application,
    Cluster,
    Environment,
    Group,
    Image,
    Instance,
    LaunchTemplate,
    LoadBalancer,
    SyncState,
    TargetGroup,
)
from tests.inventory.shop import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def whole(environment):
    """The pages, and then all that is told one by one."""
    assert services.sync_region(environment, "us-east-1", everything=True)
    assert services.read_one_by_one(environment, "us-east-1", everything=True)


def in_service(environment):
    def check():
        services.sync_region(environment, "us-east-1")
        assert Instance.objects.filter(lifecycle_state="InService", gone_at=None).count() == 2

    eventually(check)


def test_well_named_groups_appear_as_clusters_and_others_are_left_alone(environment, shop):
    assert services.sync_region(environment, "us-east-1")
    assert {group.name: group.cluster and group.cluster.name for group in Group.objects.all()} == {
        "shop.api-main-v001": "shop.api-main",
        "shop.api-main-v002": "shop.api-main",
        "terraform made this": None,
    }
    cluster = Cluster.objects.get()
    assert (cluster.application.name, cluster.stack, cluster.detail) == ("shop.api", "main", "")


def test_an_application_found_so_is_marked_as_discovered(environment, shop):
    services.sync_region(environment, "us-east-1")
    assert list(Application.objects.values_list("name", "discovered", "owner")) == [("shop.api", True, "")]


def test_a_registered_application_stays_as_it_is(environment, shop):
    services.create_application("shop.api", actor="ann", owner="ann")
    services.sync_region(environment, "us-east-1")
    assert list(Application.objects.values_list("name", "discovered", "owner")) == [("shop.api", False, "ann")]


def test_a_group_is_told_with_what_it_launches_and_what_sends_it_traffic(environment, shop):
    in_service(environment)
    group = Group.objects.get(name="shop.api-main-v002")
    image, arn = Image.objects.get(), TargetGroup.objects.get().arn
    assert (group.min_size, group.desired, group.max_size, group.in_service_count) == (0, 2, 9, 2)
    assert (group.image_id, group.instance_type) == (image.image_id, "t3.micro")
    assert group.traffic_sources == [{"identifier": arn, "via": "target-group", "type": "elbv2"}]
    assert (image.application, image.version, image.commit) == ("shop.api", "4.1.9", "abc1234")
    assert (image.source, image.launchable) == ("owned", True)
    assert LaunchTemplate.objects.get().name == "shop"


def test_listeners_are_kept_with_their_weights(environment, shop):
    whole(environment)
    (listener,) = LoadBalancer.objects.get().listeners
    (rule,) = listener["rules"]
    assert (listener["port"], rule["priority"]) == (80, "default")
    assert rule["forwards"] == [{"target_group": TargetGroup.objects.get().arn, "weight": 7}]


def healthy(environment, shop):
    def check():
        whole(environment)
        rows = Instance.objects.filter(gone_at=None)
        states = [row.target_health.get(shop.target_group_arn, {}).get("state") for row in rows]
        assert states == ["healthy", "healthy"]

    eventually(check)


def test_instances_are_told_with_the_health_their_target_groups_see(environment, shop):
    healthy(environment, shop)
    assert set(Instance.objects.values_list("group__name", "health_status")) == {("shop.api-main-v002", "Healthy")}
    row = Instance.objects.earliest("pk")
    assert row.tags["aws:autoscaling:groupName"] == "shop.api-main-v002"
    assert row.details["LaunchTemplate"] == {
        "LaunchTemplateId": shop.template_id,
        "LaunchTemplateName": "shop",
        "Version": "1",
    }
    assert row.details["SubnetId"] in shop.subnets
    assert row.details["VpcId"] == shop.vpc
    assert [each["GroupName"] for each in row.details["SecurityGroups"]] == ["default"]


def test_a_second_sync_writes_nothing(environment, shop):
    healthy(environment, shop)
    eventually(lambda: settled(environment))
    before = list(Group.objects.values()), list(Instance.objects.values()), list(Image.objects.values())
    whole(environment)
    assert before == (list(Group.objects.values()), list(Instance.objects.values()), list(Image.objects.values()))
    assert set(SyncState.objects.values_list("written", flat=True)) == {0}


def settled(environment):
    whole(environment)
    assert set(SyncState.objects.values_list("written", flat=True)) == {0}


def test_the_number_of_calls_does_not_grow_with_the_groups(environment, shop):
    few, many = [], []
    services.sync_region(environment, "us-east-1")
    with observe(few.append):
        services.sync_region(environment, "us-east-1")
    template = shop.ec2.describe_launch_templates()["LaunchTemplates"][0]["LaunchTemplateId"]
    for number in range(3, 13):
        shop.group(f"shop.api-main-v{number:03d}", template)
    with observe(many.append):
        services.sync_region(environment, "us-east-1")
    assert len(few) == len(many)
    assert Group.objects.count() == 13


def test_every_kind_says_when_it_was_read(environment, shop):
    whole(environment)
    states = SyncState.objects.all()
    assert {state.kind for state in states} == set(SyncState.Kind.values)
    assert all(state.succeeded_at and state.finished_at >= state.succeeded_at and not state.error for state in states)


def test_a_deleted_group_is_gone_and_forgotten_after_a_while(environment, shop):
    services.sync_region(environment, "us-east-1")
    shop.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="shop.api-main-v001", ForceDelete=True)

    def check():
        services.sync_region(environment, "us-east-1")
        assert Group.objects.get(name="shop.api-main-v001").gone_at

    eventually(check)
    assert services.forget_gone() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_group SET gone_at = gone_at - interval '15 days'")
    assert services.forget_gone() == 1
    assert Cluster.objects.exists()


def test_an_account_that_does_not_let_us_in_keeps_what_it_has_and_says_why(environment, shop, monkeypatch):
    services.sync_region(environment, "us-east-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    before = {state.kind: state.succeeded_at for state in SyncState.objects.all()}
    monkeypatch.setattr("apps.cloud.aws.pace.ATTEMPTS", 1)
    services.sync_region(environment, "us-east-1", everything=True)
    assert Group.objects.filter(gone_at=None).count() == 3
    for state in SyncState.objects.all():
        assert state.error
        assert state.succeeded_at == before[state.kind]


def test_one_kinds_failure_leaves_the_others_be(environment, shop, monkeypatch):
    def refuse(*args, **kwargs):
        raise Denied("DescribeLoadBalancers: not allowed")

    monkeypatch.setattr("apps.inventory.services.sync.elbv2.describe_load_balancers", refuse)
    services.sync_region(environment, "us-east-1")
    errors = dict(SyncState.objects.values_list("kind", "error"))
    assert errors.pop("load balancers") == "DescribeLoadBalancers: not allowed"
    assert set(errors.values()) == {""}
    assert Group.objects.count() == 3


def test_a_sync_that_is_interrupted_says_so_and_keeps_what_it_has(environment, shop, monkeypatch):
    def interrupt(*args, **kwargs):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("apps.inventory.services.sync.write_groups", interrupt)
    with pytest.raises(SoftTimeLimitExceeded):
        services.sync_region(environment, "us-east-1")
    errors = dict(SyncState.objects.values_list("kind", "error"))
    assert errors == {
        "launch templates": "",
        "groups": "The sync ended before this was read.",
        "instances": "The sync ended before this was read.",
    }


def test_a_region_is_synced_by_one_at_a_time(environment, shop):
    lock = f"inventory sync {environment.pk} us-east-1"
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
            assert services.sync_region(environment, "us-east-1") is False
            assert not Group.objects.exists()
            cursor.execute("SELECT pg_advisory_unlock_all()")
            assert services.sync_region(environment, "us-east-1") is True
    finally:
        other.close()


def test_two_environments_do_not_see_each_other(environment, shop, place):
    empty = replace(place, account="300000000001")
    other = Environment.objects.create(
        name="other", account_id=empty.account, role_arn=empty.role_arn, regions=["us-east-1"]
    )
    services.sync_region(environment, "us-east-1")
    services.sync_region(other, "us-east-1")
    assert not Group.objects.filter(environment=other).exists()
    assert Group.objects.filter(environment=environment, gone_at=None).count() == 3
