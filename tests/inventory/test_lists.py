"""Lists and the cluster page: what they show, filters, and a number of queries that does not grow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.inventory import filters
from apps.inventory.models import (
    Application,
    Cluster,
    Environment,
    Group,
    Image,
    Instance,
    LoadBalancer,
    SyncState,
    TargetGroup,
)
from apps.inventory.selectors import lists
from apps.inventory.selectors.ages import age_of_cluster
from apps.inventory.selectors.clusters import cluster, cluster_view
from apps.inventory.selectors.links import log_link
from apps.inventory.selectors.standing import serving_in

pytestmark = pytest.mark.django_db

NOW = timezone.now()
ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1"
EVERY = {"region": "us-east-1", "read_at": NOW, "digest": "x"}


@pytest.fixture
def somewhere():
    return Environment.objects.create(name="test", account_id="123456789012", regions=["us-east-1"])


def make_cluster(environment, name="shop-main", groups=2, members=3):
    application, _ = Application.objects.get_or_create(name=name.split("-", maxsplit=1)[0])
    row = Cluster.objects.create(environment=environment, region="us-east-1", name=name, application=application)
    for number in range(groups):
        make_group(environment, row, f"{name}-v{number:03d}", number, members)
    return row


def make_group(environment, row, name, number, members):
    group = Group.objects.create(
        environment=environment,
        cluster=row,
        name=name,
        arn=name,
        created_at=NOW + timedelta(minutes=number),
        min_size=0,
        max_size=9,
        desired=members,
        image_id=f"ami-{number}",
        traffic_sources=[{"identifier": ARN, "via": "target-group", "type": "elbv2"}],
        **EVERY,
    )
    health = {ARN: {"state": "healthy" if number else "unhealthy", "reason": "", "description": ""}}
    Instance.objects.bulk_create(
        Instance(environment=environment, group=group, instance_id=f"i-{name}-{each}", state="running",
                 lifecycle_state="InService", health_status="Healthy", image_id=f"ami-{number}",
                 target_health=health, **EVERY)
        for each in range(members)
    )  # fmt: skip
    return group


def make_traffic(environment):
    TargetGroup.objects.create(
        environment=environment, arn=ARN, name="shop", port=80, target_type="instance", health_interval=5,
        healthy_threshold=2, load_balancers=["arn:lb"], **EVERY,
    )  # fmt: skip
    rule = {"arn": "r", "priority": "default", "conditions": [], "forwards": [{"target_group": ARN, "weight": 1}]}
    LoadBalancer.objects.create(
        environment=environment, arn="arn:lb", name="shop", **EVERY,
        listeners=[{"arn": "l", "port": 80, "protocol": "HTTP", "rules": [rule]}],
    )  # fmt: skip


def make_image(environment, image_id, **fields):
    return Image.objects.create(
        environment=environment, image_id=image_id, state="available", created_at=NOW, **EVERY, **fields
    )


def test_a_clusters_page_shows_who_serves_with_what(somewhere):
    make_cluster(somewhere)
    make_traffic(somewhere)
    make_image(somewhere, "ami-1", version="4.2.0")
    view = cluster_view(cluster("test", "us-east-1", "shop-main"))
    assert [each.group.name for each in view.groups] == ["shop-main-v000", "shop-main-v001"]
    assert [each.traffic.fraction for each in view.groups] == [0.0, 1.0]
    assert [each.group.name for each in view.serving] == ["shop-main-v001"]
    assert [each.version for each in view.groups] == ["ami-0", "4.2.0"]
    assert [len(each.instances) for each in view.groups] == [3, 3]


def test_a_group_just_detached_serves_while_its_instances_are_still_listed(somewhere):
    make_cluster(somewhere)
    make_traffic(somewhere)
    Group.objects.update(traffic_sources=[])
    view = cluster_view(cluster("test", "us-east-1", "shop-main"))
    assert [each.group.name for each in view.serving] == ["shop-main-v001"]


def test_what_two_environments_call_alike_is_told_apart(somewhere):
    other = Environment.objects.create(name="prod", account_id="123456789013", regions=["us-east-1"])
    for environment, version in ((somewhere, "4.1.9"), (other, "4.2.0")):
        make_cluster(environment)
        make_image(environment, "ami-1", version=version)
    make_traffic(other)
    rows = list(lists.clusters())
    serving = serving_in(rows)
    assert {row.environment.name: [each.version for each in serving[row.pk].serving] for row in rows} == {
        "test": [],
        "prod": ["4.2.0"],
    }
    assert {row.environment.name: serving[row.pk].unread for row in rows} == {"test": True, "prod": False}
    SyncState.objects.create(
        environment=somewhere,
        region="us-east-1",
        kind=SyncState.Kind.TARGET_GROUPS,
        started_at=NOW,
        finished_at=NOW,
        succeeded_at=NOW,
    )
    assert not any(found.unread for found in serving_in(rows).values())


@pytest.mark.parametrize(("groups", "members"), [(1, 1), (6, 20)])
def test_a_clusters_page_costs_the_same_number_of_queries_whatever_its_size(
    somewhere, django_assert_num_queries, groups, members
):
    make_cluster(somewhere, groups=groups, members=members)
    make_traffic(somewhere)
    with django_assert_num_queries(5):
        cluster_view(cluster("test", "us-east-1", "shop-main"))


@pytest.mark.parametrize("count", [1, 12])
def test_a_list_of_clusters_costs_two_queries(somewhere, django_assert_num_queries, count):
    for number in range(count):
        make_cluster(somewhere, f"shop{number}-main")
    with django_assert_num_queries(2):
        rows = list(lists.clusters())
        assert [len(row.current_groups) for row in rows] == [2] * count
        assert {row.environment.name for row in rows} == {"test"}


def test_lists_of_groups_and_instances_cost_one_query(somewhere, django_assert_num_queries):
    make_cluster(somewhere)
    with django_assert_num_queries(1):
        assert {row.cluster.application.name for row in lists.groups()} == {"shop"}
    with django_assert_num_queries(1):
        assert {row.group.cluster.name for row in lists.instances()} == {"shop-main"}


def test_applications_are_listed_with_their_clusters_and_instances(somewhere, django_assert_num_queries):
    make_cluster(somewhere, "shop-main")
    make_cluster(somewhere, "shop-beta", groups=1)
    Application.objects.create(name="idle")
    with django_assert_num_queries(1):
        found = {row.name: (row.cluster_count, row.instance_count) for row in lists.applications()}
    assert found == {"shop": (2, 9), "idle": (0, 0)}


def test_what_is_gone_is_listed_nowhere(somewhere):
    make_cluster(somewhere)
    Group.objects.update(gone_at=NOW)
    Instance.objects.update(gone_at=NOW)
    assert not lists.groups().exists()
    assert not lists.instances().exists()
    assert cluster_view(cluster("test", "us-east-1", "shop-main")).groups == ()


def names(filter_set, rows, **asked):
    found = filter_set(asked, queryset=rows)
    assert found.is_valid(), found.errors
    return [str(row) for row in found.qs]


def test_clusters_are_filtered(somewhere):
    make_cluster(somewhere, "shop-main")
    make_cluster(somewhere, "cart-main", groups=1)
    make_cluster(somewhere, "old-main", groups=0)
    assert names(filters.ClusterFilter, lists.clusters()) == ["cart-main", "shop-main"]
    assert names(filters.ClusterFilter, lists.clusters(), empty="true") == ["old-main"]
    assert names(filters.ClusterFilter, lists.clusters(), application="cart") == ["cart-main"]
    assert names(filters.ClusterFilter, lists.clusters(), image="ami-1") == ["shop-main"]
    assert names(filters.ClusterFilter, lists.clusters(), environment="other") == []
    assert names(filters.ClusterFilter, lists.clusters(), q="hop") == ["shop-main"]


def test_groups_and_instances_are_filtered(somewhere):
    row = make_cluster(somewhere)
    make_group(somewhere, None, "made by hand", 5, 1)
    assert names(filters.GroupFilter, lists.groups(), managed="false") == ["made by hand"]
    assert names(filters.GroupFilter, lists.groups(), cluster=row.name, image="ami-0") == ["shop-main-v000"]
    assert len(names(filters.InstanceFilter, lists.instances(), cluster=row.name)) == 6
    assert names(filters.InstanceFilter, lists.instances(), q="hand") == ["i-made by hand-0"]


def test_images_are_filtered_and_offered_to_their_application(somewhere):
    make_image(somewhere, "ami-1", application="shop", version="4.2.0", commit="abcdef")
    make_image(somewhere, "ami-2", name="cart-1.0")
    assert names(filters.ImageFilter, lists.images(), commit="abc") == ["ami-1"]
    assert names(filters.ImageFilter, lists.images(), q="cart") == ["cart-1.0"]
    assert [str(row) for row in lists.images_for("cart", somewhere, "us-east-1")] == ["cart-1.0"]


def test_a_page_says_how_old_its_data_is(somewhere):
    row = make_cluster(somewhere)
    assert age_of_cluster(row).read_at is None
    for kind in ("groups", "instances"):
        SyncState.objects.create(
            environment=somewhere,
            region="us-east-1",
            kind=kind,
            started_at=NOW,
            finished_at=NOW,
            succeeded_at=NOW - timedelta(hours=1),
            error="No answer.",
        )
    age = age_of_cluster(row)
    assert (age.read_at, age.stale, age.error) == (NOW - timedelta(hours=1), True, "No answer.")
    row.refreshed_at = timezone.now()
    assert age_of_cluster(row).stale is False


def test_an_instances_logs_are_found_by_its_applications_template(somewhere, django_assert_num_queries):
    make_cluster(somewhere, groups=1, members=1)
    with django_assert_num_queries(1):
        assert log_link(lists.instances()[0]) == ""
    Application.objects.update(log_link_template="https://logs.example.com/{environment}/{group}?i={instance}")
    assert log_link(lists.instances()[0]) == "https://logs.example.com/test/shop-main-v000?i=i-shop-main-v000-0"
