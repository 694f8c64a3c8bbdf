"""How a cluster is to be changed: set by people, checked, recorded; by default without a row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.values import TrafficSource
from apps.deployments import drivers
from apps.deployments.errors import Invalid
from apps.deployments.models import ClusterPolicy
from apps.deployments.services import policy_fields, policy_of, set_policy
from apps.events.models import Event
from apps.inventory.models import Application, Cluster, Environment
from tests.deployments.situations import group, situation

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster() -> Cluster:
    environment = Environment.objects.create(name="prod", account_id="1" * 12, regions=["us-east-1"])
    application = Application.objects.create(name="api")
    return Cluster.objects.create(
        environment=environment, application=application, region="us-east-1", name="api-prod", stack="prod"
    )


def change(cluster: Cluster, **fields: Any) -> ClusterPolicy:
    return set_policy(cluster, actor="ann", reason="load tests", **fields)


def test_a_cluster_of_which_nobody_said_anything_has_the_defaults_and_no_row(cluster: Cluster) -> None:
    policy = policy_of(cluster)
    assert (policy.traffic_driver, policy.min_healthy_percent, policy.min_healthy_percent_per_zone) == ("", 100, 0)
    assert not ClusterPolicy.objects.exists()


def test_what_is_given_is_changed_and_the_rest_stays(cluster: Cluster) -> None:
    change(cluster, traffic_driver="classic-elb", fewest_zones=2)
    change(cluster, min_healthy_percent=80)
    policy = policy_of(cluster)
    assert (policy.traffic_driver, policy.min_healthy_percent, policy.fewest_zones) == ("classic-elb", 80, 2)
    assert policy.changed_by == "ann"


def test_a_change_is_recorded_with_its_reason_and_what_was_before(cluster: Cluster) -> None:
    change(cluster, min_healthy_percent=80)
    change(cluster, min_healthy_percent=80)  # changes nothing
    (event,) = Event.objects.filter(kind="cluster.policy_changed")
    assert (event.actor, event.reason, event.cluster) == ("ann", "load tests", "api-prod")
    assert "min_healthy_percent 100 → 80" in event.summary
    assert event.before
    assert event.before["min_healthy_percent"] == 100
    assert event.after
    assert event.after["min_healthy_percent"] == 80


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("traffic_driver", "telepathy", "known are"),
        ("min_healthy_percent", 101, "at most 100 %"),
        ("min_healthy_percent_per_zone", -1, "at least 0 %"),
        ("fewest_instances", 0, "at least 1"),
        ("fewest_zones", "two", "not an integer"),
        ("colour", "red", "no such option"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(cluster: Cluster, field: str, value: Any, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(cluster, **{field: value})
    assert list(refused.value.errors) == [field]
    assert words in str(refused.value)
    assert not ClusterPolicy.objects.exists()


def test_a_change_needs_a_reason(cluster: Cluster) -> None:
    with pytest.raises(Invalid) as refused:
        set_policy(cluster, actor="ann", reason=" ", min_healthy_percent=80)
    assert list(refused.value.errors) == ["reason"]


def test_the_fields_tell_the_drivers_that_there_are(cluster: Cluster) -> None:
    (driver,) = (field for field in policy_fields() if field.name == "traffic_driver")
    assert [slug for slug, _ in driver.choices] == ["", *drivers.all()]
    for slug in drivers.all():
        change(cluster, traffic_driver=slug)
        assert policy_of(cluster).traffic_driver == slug


def test_without_a_choice_the_driver_goes_with_what_the_group_is_attached_to() -> None:
    classic = replace(group(), traffic_sources=(TrafficSource("api-elb", "classic", "elb"),))
    assert drivers.chosen(situation(), group()).slug == "shared-target-group"
    assert drivers.chosen(situation(), classic).slug == "classic-elb"
    wanted = situation(policy=ClusterPolicy(traffic_driver="classic-elb"))
    assert drivers.chosen(wanted, group()).slug == "classic-elb"
