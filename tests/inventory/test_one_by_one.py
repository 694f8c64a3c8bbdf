"""What AWS tells a resource at a time is read after the pages, a part a round; until then it is said to be unknown."""

import pytest
from django.db import connection

from apps.cloud.aws.session import observe
from apps.cloud.errors import Denied
from apps.inventory import services
from apps.inventory.models import Cluster, Group, Image, LoadBalancer, SyncState
from apps.inventory.selectors import lists, standing
from apps.inventory.selectors.clusters import cluster_view
from apps.inventory.services import one_by_one
from tests.inventory.shop import eventually

pytestmark = pytest.mark.django_db(transaction=True)

REGION = "us-east-1"
SERVES = "v002 (4.1.9) serves all traffic, 2 of 2 healthy."


def registered(environment):
    """The pages, once EC2 tells of the group's two instances."""

    def check():
        services.sync_region(environment, REGION, everything=True)
        group = Group.objects.get(name="shop.api-main-v002")
        assert group.in_service_count == group.instances.filter(gone_at=None).count() == 2

    eventually(check)


def said():
    """The cluster in words, as lists and as its own page say it; and its groups in a word each."""
    (row,) = lists.clusters()
    found, view = standing.serving_in([row])[row.pk], cluster_view(row)
    listed = standing.sentence(standing.standing_groups(row), found.serving, found.unread)
    alone = standing.sentence([each.group for each in view.groups], [*map(standing.served, view.serving)], view.unread)
    assert listed == alone
    assert row.version == " and ".join(each.version for each in found.serving)  # as lists are sorted by it
    assert (row.health == Cluster.Health.SILENT) == ("no healthy instance is behind a listener" in listed)
    return listed, [standing.group_word(each, kept=(), rising="") for each in view.groups]


def test_who_serves_is_unknown_until_rules_and_health_were_read(environment, shop):
    registered(environment)
    assert said() == (standing.UNREAD, ["empty", "unknown"])

    def check():
        assert services.read_one_by_one(environment, REGION)
        assert said() == (SERVES, ["empty", "serving"])

    eventually(check)


def test_a_cluster_that_is_refreshed_does_not_wait_for_its_turn(environment, shop):
    registered(environment)
    calls = []

    def check():
        with observe(calls.append):
            services.refresh_cluster(environment, REGION, "shop.api-main")
        assert said() == (SERVES, ["empty", "serving"])

    eventually(check)
    assert [call.operation for call in calls].count("DescribeRules") == 1  # once they are known, rounds read them


def test_where_nothing_was_read_at_all_nobody_says_that_no_group_serves(environment, shop):
    services.refresh_cluster(environment, REGION, "shop.api-main")

    def check():
        services.refresh_cluster(environment, REGION, "shop.api-main")
        assert said() == (standing.UNREAD, ["empty", "unknown"])

    eventually(check)


def test_a_target_group_that_is_gone_sends_nothing(environment, shop):
    registered(environment)
    shop.elbv2.delete_load_balancer(
        LoadBalancerArn=shop.elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    )
    shop.elbv2.delete_target_group(TargetGroupArn=shop.target_group_arn)
    registered(environment)
    assert said()[0] == "No group serves traffic: no healthy instance is behind a listener."


def test_what_an_empty_group_launches_is_known_once_its_version_was_read(environment, shop):
    services.sync_region(environment, REGION)
    empty = Group.objects.get(name="shop.api-main-v001")
    assert empty.image_id == ""
    services.read_one_by_one(environment, REGION)
    empty.refresh_from_db()
    assert (empty.image_id, empty.instance_type) == (Image.objects.get().image_id, "t3.micro")
    services.sync_region(environment, REGION)
    empty.refresh_from_db()
    assert empty.image_id == Image.objects.get().image_id


def test_a_round_reads_some_those_never_read_first_and_all_when_asked(environment, shop, monkeypatch):
    for name in ("two", "three"):
        shop.load_balancer(name, **{shop.target_group(name): 1})
    services.sync_region(environment, REGION)
    monkeypatch.setattr(one_by_one, "LISTENERS_A_ROUND", 1)
    unread = LoadBalancer.objects.filter(listeners_read_at=None)
    for left in (2, 1):
        assert services.read_one_by_one(environment, REGION)
        assert unread.count() == left
    LoadBalancer.objects.update(listeners_read_at=None)
    assert services.read_one_by_one(environment, REGION, everything=True)
    assert not unread.exists()


def test_one_kinds_failure_leaves_the_others_be_and_the_cluster_unknown(environment, shop, monkeypatch):
    def refuse(*args, **kwargs):
        raise Denied("DescribeRules: not allowed")

    registered(environment)
    monkeypatch.setattr("apps.inventory.services.listeners.elbv2.describe_rules", refuse)
    services.refresh_cluster(environment, REGION, "shop.api-main")
    services.read_one_by_one(environment, REGION)
    errors = dict(SyncState.objects.values_list("kind", "error"))
    assert errors.pop("listeners") == "DescribeRules: not allowed"
    assert set(errors.values()) == {""}
    assert said()[0] == standing.UNREAD


def test_one_round_at_a_time(environment, shop):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            lock = f"inventory one by one {environment.pk} {REGION}"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
            assert services.read_one_by_one(environment, REGION) is False
    finally:
        other.close()


def test_who_looks_at_what_is_unknown_has_it_read_once_a_minute(environment, shop):
    services.sync_region(environment, REGION)
    cluster = Cluster.objects.select_related("environment").get()
    assert [services.ask_once(cluster) for _ in range(2)] == [True, False]
    services.refresh_wanted(environment, REGION)
    assert not LoadBalancer.objects.filter(listeners_read_at=None).exists()
